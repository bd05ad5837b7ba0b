// SPDX-License-Identifier: Apache-2.0
#include "../whitebox/support/printed.hpp"
#include "competitor.hpp"
#include "programs.hpp"
#include "support.hpp"

#include <twill/twill.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using twill::load_snapshot;
using twill::load_window;
using twill::worker_load;
using twill_test::competitor;
using twill_test::fib;
using twill_test::own_cpu;

int threads_of_this_process() {
    std::FILE* const status = std::fopen("/proc/self/status", "r");
    int threads = -1;
    char line[256];
    while (status != nullptr && std::fgets(line, sizeof line, status) != nullptr) {
        std::sscanf(line, "Threads: %d", &threads);
    }
    if (status != nullptr) {
        std::fclose(status);
    }
    return threads;
}

// Before main(), and so before every verb.
const int threads_before = threads_of_this_process();
const load_snapshot before_first_verb = twill::load();
const int threads_after = threads_of_this_process();

/// A task that neither sleeps nor locks: about 0.1 ms.
std::uint64_t busy_task(std::uint64_t seed) {
    for (int k = 0; k < 100'000; ++k) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
    }
    return seed;
}

/// Busy tasks worth about `cpu` in all, and the load while they ran.
load_window busy_window(milliseconds cpu) {
    static const std::int64_t price = [] {
        const std::int64_t begin = own_cpu();
        std::uint64_t sum = 0;
        for (std::uint64_t k = 0; k < 64; ++k) {
            sum += busy_task(k);
        }
        return sum == 0 ? 1 : std::max<std::int64_t>((own_cpu() - begin) / 64, 1);
    }();
    const auto tasks = static_cast<int>(nanoseconds(cpu).count() / price) + 1;
    std::vector<std::uint64_t> results(static_cast<std::size_t>(tasks));
    const load_snapshot before = twill::load();
    twill::parallel_for(0, tasks, [&results](int k) {
        results[static_cast<std::size_t>(k)] = busy_task(static_cast<std::uint64_t>(k));
    });
    return twill::load() - before;
}

void expect_closed(const load_window& window) {
    EXPECT_LT(window.identity_error(), 0.001);
    for (const worker_load& worker : window.workers) {
        EXPECT_EQ(worker.open, worker.useful + worker.dispatch + worker.search + worker.parked +
                                   worker.preempted.value_or(nanoseconds{}));
        for (const nanoseconds column : {worker.useful, worker.dispatch, worker.search,
                                         worker.parked, worker.over, worker.open}) {
            EXPECT_GE(column.count(), 0);
        }
    }
    EXPECT_LE(window.in_verbs, window.wall);
    EXPECT_LE(window.makespan(), window.wall + milliseconds(1));
    EXPECT_GE(window.parallel_efficiency(), 0);
    EXPECT_LE(window.parallel_efficiency(), 1.0001);
    EXPECT_LE(window.utilisation(), 1.0001);
    EXPECT_LE(window.load_balance(), 1.0001);
}

/// The smallest disagreement with the CPU clocks in up to ten windows: what a hypervisor takes away
/// is in no clock of this machine, and so in no column.
double best_clock_error() {
    double best = 1;
    for (int attempt = 0; attempt < 10 && best >= 0.01; ++attempt) {
        const load_window window = busy_window(milliseconds(1000));
        expect_closed(window);
        if (!window.clock_error()) {
            return -1;
        }
        best = std::min(best, std::abs(*window.clock_error()));
    }
    return best;
}

TEST(load, is_nothing_before_the_first_verb_and_starts_nothing) {
    EXPECT_EQ(before_first_verb.since_start.worker_count(), 0);
    EXPECT_EQ(before_first_verb.since_start.wall, nanoseconds(0));
    EXPECT_EQ(before_first_verb.since_start.in_verbs, nanoseconds(0));
    EXPECT_EQ(before_first_verb.since_start.cpu, nanoseconds(0));
    EXPECT_EQ(before_first_verb.since_start.identity_error(), 0);
    EXPECT_EQ(threads_before, threads_after);
}

TEST(load, closes_from_the_start_of_the_runtime_on) {
    EXPECT_EQ(fib(20), 6765);
    const load_window window = twill::load() - before_first_verb;
    EXPECT_EQ(window.worker_count(), twill::worker_count());
    EXPECT_GT(window.total_load().count(), 0);
    EXPECT_GT(window.in_verbs.count(), 0);
    EXPECT_GE(window.awake_limit, 1);
    EXPECT_LE(window.awake_limit, window.worker_count());
    expect_closed(window);
}

TEST(load, agrees_with_the_cpu_clocks) {
    const double error = best_clock_error();
    if (error < 0) {
        GTEST_SKIP() << "the system does not tell the CPU time of threads";
    }
    EXPECT_LT(error, 0.01);
}

TEST(load, agrees_with_the_cpu_clocks_beside_a_competing_program) {
    const competitor other;
    ASSERT_TRUE(other.runs());
    const load_window window = busy_window(milliseconds(100));
    if (!window.clock_error() || !window.total().preempted) {
        GTEST_SKIP() << "the system does not tell the CPU time or the run delay of threads";
    }
    EXPECT_LT(best_clock_error(), 0.01);
}

TEST(load, counts_what_the_competing_program_took) {
    // More competitors than cores: whatever the kernel does, some time is theirs.
    std::array<competitor, 3> others;
    nanoseconds taken{};
    const bool came = twill_test::eventually([&taken] {
        const std::optional<nanoseconds> preempted =
            busy_window(milliseconds(50)).total().preempted;
        taken = preempted.value_or(nanoseconds(-1));
        return taken.count() != 0;
    });
    ASSERT_TRUE(came);
    if (taken.count() < 0) {
        GTEST_SKIP() << "the system does not tell the run delay of threads";
    }
    EXPECT_GT(taken.count(), 0);
}

TEST(load, closes_at_every_instant) {
    std::atomic<bool> done{false};
    std::atomic<int> snapshots{0};
    std::thread worker([&done, &snapshots] { // until they have been read a second time, at least
        for (int k = 0; k < twill_test::scaled(20) || snapshots < 2; ++k) {
            fib(24);
            std::this_thread::sleep_for(std::chrono::microseconds(200)); // parks and wakes too
        }
        done = true;
    });
    load_snapshot last = twill::load();
    do {
        load_snapshot now = twill::load();
        expect_closed(now - last);
        expect_closed(now.since_start);
        EXPECT_GE(now.since_start.wall, last.since_start.wall);
        last = std::move(now);
        ++snapshots;
    } while (!done);
    worker.join();
    EXPECT_GT(snapshots.load(), 1);
}

TEST(load, may_be_read_inside_tasks) {
    std::atomic<int> seen{0};
    twill::parallel_for(0, 64, [&seen](int) {
        const int here = twill::this_worker();
        const load_snapshot before = twill::load();
        busy_task(1);
        const load_window window = twill::load() - before;
        expect_closed(window);
        // This thread was in the task all the time, on its worker or above the limit.
        const worker_load& mine = window.workers[static_cast<std::size_t>(here)];
        if ((mine.useful + mine.over + mine.preempted.value_or(nanoseconds{})).count() > 0) {
            ++seen;
        }
    });
    EXPECT_EQ(seen, 64);
}

TEST(load, may_be_read_by_many_threads_at_once) {
    std::vector<std::thread> readers;
    for (int t = 0; t < 4; ++t) {
        readers.emplace_back([] {
            for (int k = 0; k < twill_test::scaled(200); ++k) {
                const load_snapshot before = twill::load();
                fib(5);
                expect_closed(twill::load() - before);
            }
        });
    }
    for (std::thread& reader : readers) {
        reader.join();
    }
}

TEST(load, is_parked_outside_of_verbs) {
    fib(20);
    // The last spin of idle threads and the end of the last guest's verb lie behind us.
    ASSERT_TRUE(twill_test::eventually([] {
        const load_snapshot before = twill::load();
        std::this_thread::sleep_for(milliseconds(20));
        const load_window window = twill::load() - before;
        const worker_load total = window.total();
        return window.in_verbs.count() == 0 && total.useful.count() == 0 &&
               total.search.count() == 0 && total.parked == total.open &&
               window.cpu.value_or(nanoseconds{}) < milliseconds(1);
    }));
}

TEST(load, has_plausible_counts) {
    const load_snapshot before = twill::load();
    ASSERT_TRUE(twill_test::repeat_until_stolen(3, [] { fib(26); }));
    // Idle threads end their search after the verb.
    ASSERT_TRUE(twill_test::eventually([] {
        const load_snapshot one = twill::load();
        std::this_thread::sleep_for(milliseconds(5));
        return (twill::load() - one).total().search.count() == 0;
    }));
    const worker_load total = (twill::load() - before).total();
    const auto m = static_cast<std::uint64_t>(twill::worker_count());
    EXPECT_EQ(total.published, total.taken_back + total.stolen + total.leapfrogged);
    EXPECT_LE(total.joins_blocked, total.stolen + total.leapfrogged);
    EXPECT_LE(total.handed_over, total.joins_blocked);
    EXPECT_LE(twill::load().since_start.total().threads, 4 * m + 16);
    if (m == 1) {
        EXPECT_EQ(total.stolen + total.leapfrogged, 0u);
    } else {
        EXPECT_GT(total.polls, 0u);
    }
}

TEST(load, prints_a_line_with_a_bar_for_each_worker) {
    fib(20);
    const std::string printed = twill::testing_support::printed(twill::load().since_start);
    EXPECT_EQ(std::count(printed.begin(), printed.end(), '|'), 2 * twill::worker_count());
    EXPECT_NE(printed.find("\nverdict: "), std::string::npos) << printed;
}

/// This program again, one disabled test of it, with TWILL_REPORT as given: what it says on stderr.
/// Nobody looks for leaks there: after fork() the memory of threads that are gone would be some.
std::string errors_of_child(const std::string& test, const std::string& report) {
    char self[4096];
    const ssize_t length = ::readlink("/proc/self/exe", self, sizeof self - 1);
    EXPECT_GT(length, 0);
    self[length > 0 ? length : 0] = '\0';
    const std::string command = "ASAN_OPTIONS=detect_leaks=0 TWILL_REPORT='" + report + "' '" +
                                self +
                                "' --gtest_also_run_disabled_tests --gtest_filter=child.DISABLED_" +
                                test + " 2>&1 >/dev/null";
    std::string text;
    std::FILE* const pipe = ::popen(command.c_str(), "r");
    EXPECT_NE(pipe, nullptr);
    char part[1024];
    while (pipe != nullptr && std::fgets(part, sizeof part, pipe) != nullptr) {
        text += part;
    }
    EXPECT_EQ(pipe == nullptr ? -1 : ::pclose(pipe), 0) << text;
    return text;
}

std::size_t occurrences(const std::string& text, const std::string& words) {
    std::size_t found = 0;
    for (std::size_t at = text.find(words); at != std::string::npos;
         at = text.find(words, at + 1)) {
        ++found;
    }
    return found;
}

TEST(child, DISABLED_runs_a_verb) { fib(20); }
TEST(child, DISABLED_runs_none) { EXPECT_EQ(twill::load().since_start.worker_count(), 0); }
TEST(child, DISABLED_exits_in_a_task) {
    twill::parallel_for(0, 1000, [](int k) {
        if (k == 500) {
            std::exit(0);
        }
        busy_task(1);
    });
}
TEST(child, DISABLED_forks) {
    fib(20);
    std::fflush(nullptr);
    const pid_t process = ::fork();
    if (process == 0) {
        std::exit(twill::load().since_start.worker_count()); // 0: the runtime was the parent's
    }
    int status = -1;
    ASSERT_EQ(::waitpid(process, &status, 0), process);
    EXPECT_EQ(status, 0);
}

TEST(report, is_printed_at_exit) {
    const std::string text = errors_of_child("runs_a_verb", "1");
    EXPECT_EQ(text.rfind("twill: ", 0), 0u) << text;
    EXPECT_EQ(occurrences(text, "|"), 2 * static_cast<std::size_t>(twill::worker_count())) << text;
    EXPECT_EQ(occurrences(text, "\nverdict: "), 1u) << text;
}

TEST(report, is_not_printed_unless_asked_for) {
    EXPECT_EQ(errors_of_child("runs_a_verb", "0"), "");
    EXPECT_EQ(errors_of_child("runs_a_verb", ""), "");
}

TEST(report, is_not_printed_without_a_runtime) { EXPECT_EQ(errors_of_child("runs_none", "1"), ""); }

TEST(report, is_printed_once_although_the_program_forks) {
    EXPECT_EQ(occurrences(errors_of_child("forks", "1"), "verdict: "), 1u);
}

TEST(report, is_printed_while_tasks_run) {
    EXPECT_EQ(occurrences(errors_of_child("exits_in_a_task", "1"), "verdict: "), 1u);
}

TEST(report, complains_of_a_bad_value_in_one_line) {
    EXPECT_EQ(errors_of_child("runs_a_verb", "yes"),
              "TWILL_REPORT: expected 0 or 1, got \"yes\"; using 0\n");
}

} // namespace
