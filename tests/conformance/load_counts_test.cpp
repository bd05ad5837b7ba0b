// SPDX-License-Identifier: Apache-2.0
// The counts of tasks, and the figures that the machine may not tell.
#include "support.hpp"

#include <twill/twill.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using twill::load_snapshot;
using twill::load_window;
using twill::worker_load;

TEST(load_counts, every_task_of_a_group_once) {
    constexpr int tasks = 3000;
    const load_snapshot before = twill::load();
    for (int round = 0; round < 3; ++round) {
        twill::task_group group;
        for (int k = 0; k < tasks; ++k) {
            group.run([] { twill_test::keep(twill_test::work(300)); });
        }
        group.wait();
    }
    const load_window window = twill::load() - before;
    EXPECT_EQ(window.total().tasks, 3u * tasks);
    EXPECT_EQ(window.total().failed, 0u);
    EXPECT_GT(window.throughput(), 0);
    EXPECT_NEAR(window.throughput() * static_cast<double>(window.wall.count()) * 1e-9, 3 * tasks,
                1e-3);
}

TEST(load_counts, tasks_of_groups_within_groups_and_above_a_limit) {
    const load_snapshot before = twill::load();
    twill::task_group outer(twill::limit(4));
    for (int k = 0; k < 100; ++k) {
        outer.run([] {
            twill::task_group inner;
            for (int j = 0; j < 10; ++j) {
                inner.run([] { twill_test::keep(twill_test::work(300)); });
            }
            inner.wait();
        });
    }
    outer.wait();
    EXPECT_EQ((twill::load() - before).total().tasks, 100u + 1000u);
}

TEST(load_counts, what_an_exception_ended) {
    const load_snapshot before = twill::load();
    twill::task_group group;
    group.run([] { throw std::runtime_error("one of them"); });
    EXPECT_THROW(group.wait(), std::runtime_error);
    const load_window window = twill::load() - before;
    EXPECT_EQ(window.total().tasks, 1u);
    EXPECT_EQ(window.total().failed, 1u);
    EXPECT_EQ(window.error_rate(), 1);
}

TEST(load_counts, how_long_each_thread_was_blocked) {
    constexpr std::chrono::milliseconds length(20);
    const load_snapshot before = twill::load();
    load_snapshot middle;
    pid_t thread = 0;
    twill::parallel_invoke(
        [&] {
            twill::blocking([&] {
                thread = gettid();
                std::this_thread::sleep_for(length);
                middle = twill::load(); // it counts while it goes on
            });
        },
        [] {});
    const load_snapshot after = twill::load();
    // It may have had several numbers, one inside a section of another.
    const auto its = [thread](const load_window& window) {
        twill::thread_load sum;
        for (const twill::thread_load& one : window.threads) {
            if (one.system_id == thread) {
                sum.from_outside = one.from_outside;
                sum.blocked += one.blocked;
            }
        }
        return sum;
    };
    const load_window first = middle - before;
    EXPECT_GE(its(first).blocked, length);
    EXPECT_LE(its(first).blocked, first.wall);
    const load_window second = after - middle;
    EXPECT_LE(its(second).blocked, second.wall);
    const load_window all = after - before;
    EXPECT_GE(its(all).blocked, length);
    EXPECT_TRUE(its(all).from_outside);
    // Who gives a worker away is blocked; so is a guest that waits for one.
    std::uint64_t times = 0;
    for (const twill::thread_load& one : all.threads) {
        times += one.blocks;
    }
    EXPECT_GE(all.total().handed_over, 1u);
    EXPECT_GE(times, all.total().handed_over);
}

TEST(load_counts, submissions_and_what_they_threw) {
    twill::runtime own{{.workers = 2, .name = "counted"}};
    std::vector<twill::future<int>> results;
    for (int k = 0; k < 40; ++k) {
        results.push_back(own.submit([k]() -> int {
            if (k % 4 == 0) {
                throw std::runtime_error("every fourth");
            }
            return k;
        }));
    }
    int failed = 0;
    for (auto& result : results) {
        try {
            static_cast<void>(result.get());
        } catch (const std::runtime_error&) {
            ++failed;
        }
    }
    EXPECT_EQ(failed, 10);
    const load_window window = own.load().since_start;
    EXPECT_EQ(window.total().tasks, 40u);
    EXPECT_EQ(window.total().failed, 10u);
    EXPECT_DOUBLE_EQ(window.error_rate(), 0.25);
}

TEST(load_counts, forked_tasks_that_others_took) {
    const load_snapshot before = twill::load();
    ASSERT_TRUE(twill_test::repeat_until_stolen(3, [] { twill_test::fib(26); }));
    const worker_load total = (twill::load() - before).total();
    EXPECT_EQ(total.tasks, total.stolen + total.leapfrogged);
}

TEST(load_counts, forked_tasks_that_threw_with_others) {
    if (twill::worker_count() == 1) {
        GTEST_SKIP() << "nobody takes anything";
    }
    // The second callable throws wherever it runs; only one that was taken is counted.
    const load_snapshot before = twill::load();
    ASSERT_TRUE(twill_test::eventually([&before] {
        try {
            twill::parallel_invoke(
                [] {
                    for (int k = 0; k < 100; ++k) { // polls
                        twill_test::fib(8);
                    }
                },
                [] { throw std::runtime_error("the second"); });
            ADD_FAILURE() << "nothing was thrown";
        } catch (const std::runtime_error&) {
        }
        return (twill::load() - before).total().failed > 0;
    }));
    const worker_load total = (twill::load() - before).total();
    EXPECT_LE(total.failed, total.tasks);
    EXPECT_GT((twill::load() - before).error_rate(), 0);
}

TEST(load_counts, steals_by_level_add_up) {
    ASSERT_TRUE(twill_test::repeat_until_stolen(3, [] { twill_test::fib(24); }));
    const load_window window = twill::load().since_start;
    const twill::steal_levels by = window.steals_by_level();
    EXPECT_EQ(by.near + by.middle + by.far, window.total().stolen);
}

// Whatever this machine tells, it says a number or a reason.
TEST(load_counts, energy_is_a_number_or_has_a_reason) {
    const load_snapshot before = twill::load();
    twill_test::fib(24);
    for (const load_window& window : {twill::load().since_start, twill::load() - before}) {
        if (window.joules) {
            EXPECT_GT(*window.joules, 0);
        } else {
            ASSERT_NE(window.joules_absent, nullptr);
            EXPECT_GT(std::string(window.joules_absent).size(), 10u);
        }
    }
}

TEST(load_counts, the_processors_counts_have_a_reason_where_nobody_asked) {
    twill_test::fib(20);
    const load_window window = twill::load().since_start;
    EXPECT_FALSE(window.total().cycles);
    ASSERT_NE(window.counters_absent, nullptr);
    EXPECT_NE(std::string(window.counters_absent).find("TWILL_COUNTERS"), std::string::npos);
}

} // namespace
