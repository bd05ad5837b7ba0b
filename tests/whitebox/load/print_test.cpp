// SPDX-License-Identifier: Apache-2.0
#include "twill/load.hpp"

#include "columns.hpp"
#include "support/printed.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using std::chrono::milliseconds;
using twill::load_window;

std::vector<std::string> lines_of(const load_window& window) {
    std::vector<std::string> lines(1);
    for (const char each : twill::testing_support::printed(window)) {
        if (each == '\n') {
            lines.emplace_back();
        } else {
            lines.back() += each;
        }
    }
    EXPECT_EQ(lines.back(), "") << "the last line has an end";
    lines.pop_back();
    return lines;
}

twill::worker_load worker(int useful, int dispatch, int search, int parked, int preempted) {
    return twill_test::worker_of<milliseconds>({useful, dispatch, search, parked, preempted});
}

std::string bar_of(const std::string& line) {
    const std::size_t begin = line.find('|');
    const std::size_t end = line.rfind('|');
    return begin == std::string::npos ? "" : line.substr(begin + 1, end - begin - 1);
}

TEST(print, has_a_line_with_a_bar_for_each_worker) {
    load_window window;
    window.wall = milliseconds(2400);
    window.in_verbs = milliseconds(2400);
    window.workers = {worker(1200, 300, 300, 300, 300), worker(2400, 0, 0, 0, 0)};
    window.workers[0].stolen = 3;
    window.workers[0].leapfrogged = 2;
    window.workers[0].handed_over = 4;
    const std::vector<std::string> lines = lines_of(window);
    ASSERT_EQ(lines.size(), 8u);
    EXPECT_EQ(lines[0], "twill: 2.400 s on 2 workers, per cent of the time of each");
    EXPECT_EQ(lines[2], "     0     50.0     12.5     12.5     12.5      12.5         5         4  "
                        "|############+++???" // in two parts: no trigraph
                        "!!!...|");
    EXPECT_EQ(lines[3], "     1    100.0      0.0      0.0      0.0       0.0         0         0  "
                        "|########################|");
    EXPECT_EQ(lines[4].substr(0, 16), "   all     75.0 ");
    EXPECT_EQ(lines[5], "useful in all S = 3.600 s, on the busiest worker C = 2.400 s; imbalance "
                        "0.333, load balance 0.750,");
    EXPECT_EQ(lines[6], "parallel efficiency 0.750, utilisation 0.875");
    EXPECT_EQ(lines[7].rfind("verdict: ", 0), 0u);
}

TEST(print, has_a_line_about_steals_where_they_are_on_several_levels) {
    load_window window;
    window.wall = milliseconds(100);
    window.workers = {worker(100, 0, 0, 0, 0), worker(100, 0, 0, 0, 0)};
    window.workers[0].stolen = 8;
    const std::size_t lines = lines_of(window).size();
    window.workers[0].stolen_middle = 3;
    window.workers[1].stolen = 2;
    window.workers[1].stolen_far = 1;
    const std::vector<std::string> with_steals = lines_of(window);
    ASSERT_EQ(with_steals.size(), lines + 1);
    EXPECT_EQ(with_steals[lines - 1], "steals: 6 near (same L3 cache and node), 3 middle (one of "
                                      "the two), 1 far (neither)");
}

TEST(print, says_what_the_kernel_does_not_tell_and_time_above_the_limit) {
    load_window window;
    window.wall = milliseconds(100);
    window.workers = {worker(100, 0, 0, 0, 0)};
    window.workers[0].preempted.reset();
    window.workers[0].over = milliseconds(20);
    const std::vector<std::string> lines = lines_of(window);
    ASSERT_EQ(lines.size(), 6u) << "no sum of one worker";
    EXPECT_EQ(lines[0], "twill: 0.100 s on 1 worker, per cent of the time of each");
    EXPECT_NE(lines[2].find(" unknown "), std::string::npos);
    EXPECT_NE(lines[4].find("; above the limit 0.020 s"), std::string::npos);
}

TEST(print, has_full_bars_however_small_the_parts) {
    load_window window;
    window.wall = milliseconds(1000);
    for (int k = 0; k < 100; ++k) {
        window.workers.push_back(worker(k, 7, 9, 1000 - 2 * k - 16, k));
    }
    for (const std::string& line : lines_of(window)) {
        if (const std::string bar = bar_of(line); !bar.empty()) {
            EXPECT_EQ(bar.size(), 24u) << line;
        }
    }
}

TEST(print, stands_windows_that_no_snapshots_make) {
    load_window window;
    EXPECT_EQ(lines_of(window).back(), "verdict: no verb has run, so there is no load to judge");
    window.workers = {worker(-5, 100, -7, 3, 0), worker(0, 0, 0, 0, 0)};
    window.workers[0].open = milliseconds(10);
    for (const std::string& line : lines_of(window)) {
        EXPECT_LE(bar_of(line).size(), 24u) << line;
    }
}

} // namespace
