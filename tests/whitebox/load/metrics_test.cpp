// SPDX-License-Identifier: Apache-2.0
// What is computed from a window beside its times, and the bounds of the literature.
#include "columns.hpp"
#include "support/printed.hpp"
#include "twill/bounds.hpp"
#include "twill/load.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using twill::load_snapshot;
using twill::load_window;
using twill::testing_support::printed;

/// Two workers for 1 s: S = 900 ms, C = 600 ms.
load_window sample() {
    load_window window;
    window.wall = seconds(1);
    window.in_verbs = seconds(1);
    window.workers = {twill_test::worker_of<milliseconds>({600, 100, 100, 150, 50}),
                      twill_test::worker_of<milliseconds>({300, 50, 50, 600, 0})};
    window.workers[0].tasks = 600;
    window.workers[1].tasks = 200;
    window.workers[1].failed = 8;
    window.workers[0].stolen = 4;
    window.workers[1].stolen = 5;
    return window;
}

TEST(metrics, of_tasks) {
    const load_window window = sample();
    EXPECT_DOUBLE_EQ(window.throughput(), 800);
    EXPECT_DOUBLE_EQ(window.error_rate(), 0.01);
    EXPECT_DOUBLE_EQ(window.useful_share(), 900.0 / 1200);
    EXPECT_DOUBLE_EQ(window.utilisation() * window.useful_share(), window.parallel_efficiency());
}

using by_level = std::array<std::uint64_t, 3>;

by_level near_middle_far(const twill::steal_levels& of) { return {of.near, of.middle, of.far}; }

TEST(metrics, of_steals_are_by_level) {
    load_window window = sample();
    EXPECT_EQ(near_middle_far(window.steals_by_level()), (by_level{9, 0, 0}));
    window.workers[0].stolen_middle = 3;
    window.workers[1].stolen_middle = 1;
    window.workers[1].stolen_far = 2;
    EXPECT_EQ(near_middle_far(window.workers[0].steals_by_level()), (by_level{1, 3, 0}));
    EXPECT_EQ(near_middle_far(window.workers[1].steals_by_level()), (by_level{2, 1, 2}));
    EXPECT_EQ(near_middle_far(window.steals_by_level()), (by_level{3, 4, 2}));
    load_snapshot after{window, {}};
    after.since_start.workers[0].stolen += 5;
    after.since_start.workers[0].stolen_middle += 3;
    after.since_start.workers[0].stolen_far += 1;
    const load_window later = after - load_snapshot{window, {}};
    EXPECT_EQ(near_middle_far(later.steals_by_level()), (by_level{1, 3, 1}));
}

TEST(metrics, of_steals_add_up_where_a_level_is_read_a_moment_later) {
    load_window window = sample();
    window.workers[1].stolen_far = 30;
    EXPECT_EQ(near_middle_far(window.steals_by_level()), (by_level{0, 0, 9}));
    window.workers[1].stolen_far = 2;
    window.workers[1].stolen_middle = 30;
    EXPECT_EQ(near_middle_far(window.steals_by_level()), (by_level{0, 7, 2}));
}

TEST(metrics, of_nothing_are_zero) {
    const load_window empty;
    EXPECT_EQ(empty.throughput(), 0);
    EXPECT_EQ(empty.error_rate(), 0);
    EXPECT_EQ(empty.useful_share(), 0);
    EXPECT_EQ(empty.lower_bound({}, {}), nanoseconds(0));
    EXPECT_EQ(empty.quality({}, {}), 0);
    EXPECT_EQ(near_middle_far(empty.steals_by_level()), (by_level{0, 0, 0}));
}

TEST(metrics, have_no_more_failures_than_tasks) {
    load_window window = sample();
    window.workers[0].tasks = window.workers[1].tasks = 0; // they are told later
    EXPECT_EQ(window.error_rate(), 0);
    window.workers[0].tasks = 4;
    EXPECT_EQ(window.error_rate(), 1);
}

TEST(metrics, of_quality_hold_the_wall_time_against_the_lower_bound) {
    const load_window window = sample();
    EXPECT_EQ(window.lower_bound({}, {}), milliseconds(450));
    EXPECT_EQ(window.lower_bound(milliseconds(700), {}), milliseconds(700));
    EXPECT_EQ(window.lower_bound(milliseconds(700), milliseconds(800)), milliseconds(800));
    EXPECT_DOUBLE_EQ(window.quality({}, {}), 1000.0 / 450);
    EXPECT_DOUBLE_EQ(window.quality(milliseconds(700), milliseconds(800)), 1.25);
}

TEST(metrics, of_two_snapshots_are_of_what_came_between) {
    load_snapshot before{sample(), {}};
    load_snapshot after{sample(), {}};
    after.since_start.wall += seconds(2);
    after.since_start.workers[0].tasks += 50;
    after.since_start.workers[1].failed += 5;
    before.since_start.workers[0].cycles = 1000;
    after.since_start.workers[0].cycles = 1700;
    after.since_start.workers[1].cycles = 20;
    after.since_start.counters_absent = "cache misses are not shown";
    const load_window window = after - before;
    EXPECT_DOUBLE_EQ(window.throughput(), 25);
    EXPECT_DOUBLE_EQ(window.error_rate(), 0.1);
    EXPECT_EQ(window.workers[0].cycles, 700u);
    EXPECT_EQ(window.total().cycles, 720u);
    EXPECT_FALSE(window.total().instructions);
    EXPECT_STREQ(window.counters_absent, "cache misses are not shown");
}

TEST(metrics, are_printed_where_there_are_any) {
    load_window window = sample();
    const std::string tasks = "\n800 tasks from queues, 800 a second, 8 ended by an exception "
                              "(1.0 %); useful share 0.750";
    EXPECT_NE(printed(window).find(tasks + "\nverdict"), std::string::npos) << printed(window);
    load_window two_nodes = window;
    two_nodes.workers[0].stolen_remote = 2;
    two_nodes.workers[0].placed = 40;
    two_nodes.workers[1].displaced = 5;
    EXPECT_NE(printed(two_nodes).find(tasks +
                                      "; 2 of 9 steals from another node; 40 of 45 parts of "
                                      "placed loops ran on their node\nverdict"),
              std::string::npos)
        << printed(two_nodes);
    two_nodes.workers[0].stolen_remote = 20; // read a moment later
    EXPECT_NE(printed(two_nodes).find("; 9 of 9 steals from another node; "), std::string::npos)
        << printed(two_nodes);
    window.joules = 42.25;
    window.workers[0].cycles = 1'000'000;
    window.workers[0].instructions = 2'500'000;
    window.workers[0].cache_misses = 5'000;
    EXPECT_NE(printed(window).find(tasks + "; energy 42.2 J, 42.2 W; 2.50 instructions a cycle, "
                                           "2.00 cache misses per 1000 instructions\nverdict"),
              std::string::npos)
        << printed(window);
    window.workers[0].tasks = window.workers[1].tasks = 0;
    window.workers[0].cycles.reset();
    EXPECT_NE(printed(window).find("\nenergy 42.2 J, 42.2 W\nverdict"), std::string::npos)
        << printed(window);
}

TEST(bounds, are_those_of_brent_and_graham) {
    EXPECT_EQ(twill::brent_bound(seconds(100), seconds(10), 3), seconds(40));
    EXPECT_EQ(twill::brent_bound(seconds(100), seconds(10), 1), seconds(100));
    // Three tasks of 2, 3 and 1 h on 3 nodes: 2 + 2/3 * 3.
    EXPECT_EQ(twill::graham_bound(std::chrono::hours(6), std::chrono::hours(3), 3),
              std::chrono::hours(4));
    EXPECT_DOUBLE_EQ(twill::parallelism(seconds(100), seconds(8)), 12.5);
    EXPECT_EQ(twill::lower_bound(seconds(100), seconds(10), seconds(20), 4), seconds(25));
    EXPECT_EQ(twill::lower_bound(seconds(100), seconds(10), seconds(30), 4), seconds(30));
    EXPECT_EQ(twill::lower_bound(seconds(100), seconds(40), seconds(30), 4), seconds(40));
}

TEST(bounds, hold_at_the_edges) {
    static_assert(twill::brent_bound(nanoseconds(10), nanoseconds(0), 3) == nanoseconds(4),
                  "above it, rounded up");
    static_assert(twill::lower_bound(nanoseconds(10), {}, {}, 3) == nanoseconds(3),
                  "below it, rounded down");
    EXPECT_EQ(twill::parallelism(seconds(1), seconds(0)), 0);
    EXPECT_EQ(twill::brent_bound(seconds(1), seconds(2), 4), seconds(2));
    EXPECT_EQ(twill::lower_bound(seconds(1), {}, {}, 0), seconds(1));
    for (int m = 1; m <= 64; ++m) {
        for (std::int64_t span = 1; span <= 1000; span += 37) {
            const nanoseconds work(1000);
            EXPECT_LE(twill::lower_bound(work, nanoseconds(span), nanoseconds(span), m),
                      twill::brent_bound(work, nanoseconds(span), m));
        }
    }
}

} // namespace
