// SPDX-License-Identifier: Apache-2.0
#include "support.hpp"

#include <twill/kind.hpp>
#include <twill/load.hpp>
#include <twill/plan.hpp>

#include <functional>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

namespace {

using twill::executed_plan;
using twill::plan;
using twill::plan_execute;
using twill::plan_stealing;
using twill::plan_strategy;
using twill::planned_task;

using any_task = planned_task<std::function<void()>>;

constexpr plan_stealing both[] = {plan_stealing::off, plan_stealing::on};

/// One core for each worker and one more; task k on core k mod m.
plan by_turns(std::size_t tasks) {
    return twill::make_plan(std::vector<twill::plan_task>(tasks, {1}), twill::worker_count() + 1,
                            {.strategy = plan_strategy::round_robin});
}

std::size_t tasks_of(const executed_plan& came) {
    return std::accumulate(came.cores.begin(), came.cores.end(), std::size_t{0},
                           [](std::size_t sum, const auto& core) { return sum + core.tasks; });
}

TEST(plan_execute, runs_every_task_once) {
    constexpr std::size_t count = 500;
    for (const plan_stealing stealing : both) {
        for (const plan_strategy strategy :
             {plan_strategy::round_robin, plan_strategy::list, plan_strategy::lpt,
              plan_strategy::multifit, plan_strategy::exact}) {
            std::vector<std::atomic<int>> ran(count);
            std::vector<any_task> tasks;
            for (std::size_t k = 0; k < count; ++k) {
                tasks.push_back({1e-6 * static_cast<double>(1 + k % 7), [&ran, k] { ++ran[k]; }});
            }
            const executed_plan came = plan_execute(tasks, strategy, stealing);
            for (const std::atomic<int>& times : ran) {
                EXPECT_EQ(times.load(), 1);
            }
            EXPECT_EQ(came.cores.size(), static_cast<std::size_t>(twill::worker_count()));
            EXPECT_EQ(tasks_of(came), count);
            EXPECT_EQ(came.planned.strategy, strategy);
        }
    }
}

TEST(plan_execute, a_bin_is_run_in_order_by_one_thread) {
    constexpr std::size_t count = 200;
    const plan how = by_turns(count);
    std::vector<std::vector<std::size_t>> seen(how.cores.size());
    std::vector<std::vector<std::thread::id>> threads(how.cores.size());
    std::vector<any_task> tasks;
    for (std::size_t k = 0; k < count; ++k) {
        tasks.push_back({1, [&, k] {
                             const std::size_t bin = how.core_of[k];
                             // Nobody else touches it: the sanitizers would tell.
                             seen[bin].push_back(k);
                             threads[bin].push_back(std::this_thread::get_id());
                             twill_test::keep(twill_test::work(10'000));
                         }});
    }
    const executed_plan came = plan_execute(tasks, how);
    for (std::size_t j = 0; j < how.cores.size(); ++j) {
        EXPECT_EQ(seen[j], how.cores[j].tasks);
        EXPECT_EQ(std::count(threads[j].begin(), threads[j].end(), threads[j].front()),
                  static_cast<std::ptrdiff_t>(threads[j].size()));
        EXPECT_EQ(came.cores[j].tasks, how.cores[j].tasks.size());
        EXPECT_EQ(came.cores[j].predicted, how.cores[j].load);
    }
}

TEST(plan_execute, bins_run_at_the_same_time) {
    if (twill::worker_count() == 1) {
        GTEST_SKIP() << "one worker";
    }
    // Each of two bins begins with a short task, and then waits for the other one to have begun.
    for (const plan_stealing stealing : both) {
        std::atomic<int> begun = 0;
        std::atomic<bool> met = false;
        const std::function<void()> wait = [&] {
            ++begun;
            met = twill_test::eventually([&] { return begun.load() == 2; });
        };
        std::vector<any_task> tasks{{1, [] {}}, {1, [] {}}, {1, wait}, {1, wait}};
        plan_execute(
            tasks,
            twill::make_plan({{1}, {1}, {1}, {1}}, 2, {.strategy = plan_strategy::round_robin}),
            stealing);
        EXPECT_TRUE(met.load());
    }
}

TEST(plan_execute, measures_what_the_clock_saw) {
    constexpr double slept = 0.004;
    std::vector<any_task> tasks(
        9, {slept, [] { std::this_thread::sleep_for(std::chrono::milliseconds(4)); }});
    for (const plan_stealing stealing : both) {
        const executed_plan came = plan_execute(tasks, plan_strategy::lpt, stealing);
        double total = 0;
        double makespan = 0;
        for (const twill::executed_core& core : came.cores) {
            EXPECT_GE(core.measured, slept * static_cast<double>(core.tasks));
            total += core.measured;
            makespan = std::max(makespan, core.measured);
        }
        EXPECT_DOUBLE_EQ(came.total_load, total);
        EXPECT_EQ(came.makespan, makespan);
        EXPECT_GE(came.wall, came.makespan);
        EXPECT_NEAR(came.planned.total_load, 9 * slept, 1e-12);
        EXPECT_EQ(came.times.size(), tasks.size());
        for (const double time : came.times) {
            EXPECT_GE(time, slept);
        }
        EXPECT_NEAR(std::accumulate(came.times.begin(), came.times.end(), 0.0), total, 1e-9);
    }
}

TEST(plan_execute, with_stealing_nobody_waits_for_a_wrong_prediction) {
    if (twill::worker_count() == 1) {
        GTEST_SKIP() << "one worker";
    }
    // The first task of the first bin ends only when all others have been run, so that somebody
    // else must take those that are behind it in its bin.
    constexpr int others = 20;
    std::atomic<int> ran = 0;
    std::atomic<bool> all_ran = false;
    std::vector<any_task> tasks;
    tasks.push_back(
        {1, [&] { all_ran = twill_test::eventually([&] { return ran.load() == others; }); }});
    for (int k = 0; k < others; ++k) {
        tasks.push_back({1, [&ran] { ++ran; }});
    }
    const executed_plan came =
        plan_execute(tasks,
                     twill::make_plan(std::vector<twill::plan_task>(tasks.size(), {1}), 2,
                                      {.strategy = plan_strategy::round_robin}),
                     plan_stealing::on);
    EXPECT_TRUE(all_ran.load());
    EXPECT_EQ(tasks_of(came), tasks.size());
    // Whoever began with the second bin has run more than that.
    EXPECT_GT(came.cores[1].tasks, came.planned.cores[1].tasks.size());
}

TEST(plan_execute, throws_what_a_task_threw_and_drops_the_rest) {
    for (const plan_stealing stealing : both) {
        std::atomic<int> ran = 0;
        std::vector<any_task> tasks;
        tasks.push_back({1, [] { throw std::runtime_error("the first task"); }});
        for (int k = 0; k < 100; ++k) {
            tasks.push_back({1, [&ran] { ++ran; }});
        }
        const plan one_core = twill::make_plan(std::vector<twill::plan_task>(tasks.size(), {1}), 1,
                                               {.strategy = plan_strategy::list});
        try {
            plan_execute(tasks, one_core, stealing);
            FAIL() << "nothing was thrown";
        } catch (const std::runtime_error& error) {
            EXPECT_STREQ(error.what(), "the first task");
        }
        EXPECT_EQ(ran.load(), 0);
    }
}

TEST(plan_execute, throws_once_where_all_throw) {
    for (const plan_stealing stealing : both) {
        std::atomic<int> inside = 0;
        std::vector<any_task> tasks(64, {1e-3, [&inside] {
                                             ++inside;
                                             twill_test::keep(twill_test::work(1000));
                                             --inside;
                                             throw std::logic_error("every task");
                                         }});
        EXPECT_THROW(plan_execute(tasks, by_turns(tasks.size()), stealing), std::logic_error);
        EXPECT_EQ(inside.load(), 0); // all that had begun has ended
    }
}

TEST(plan_execute, tasks_of_a_kind) {
    const twill::kind planned{"planned"};
    for (const plan_stealing stealing : {plan_stealing::off, plan_stealing::on}) {
        const twill::load_snapshot before = twill::load();
        std::vector<any_task> tasks(40, {1e-6, [] {}});
        tasks[7].call = [] { throw std::logic_error("one of them"); };
        EXPECT_THROW(plan_execute(tasks, plan_strategy::lpt, planned, stealing), std::logic_error);
        tasks[7].call = [] {};
        plan_execute(tasks, twill::make_plan(std::vector<twill::plan_task>(40, {1}), 3), stealing,
                     planned);
        const twill::load_window window = twill::load() - before;
        const twill::kind_load* const its = window.find_kind("planned");
        ASSERT_NE(its, nullptr);
        EXPECT_GE(its->count, 41U); // all of the second, and of the first the one that threw
        EXPECT_LE(its->count, 80U);
        EXPECT_EQ(its->errors, 1U);
    }
}

TEST(plan_execute, tasks_may_fork) {
    std::atomic<long> sum = 0;
    std::vector<any_task> tasks(40, {1e-4, [&sum] { sum += twill_test::fib(12); }});
    for (const plan_stealing stealing : both) {
        EXPECT_TRUE(twill_test::repeat_until_stolen(3, [&] {
            sum = 0;
            plan_execute(tasks, plan_strategy::lpt, stealing);
            EXPECT_EQ(sum.load(), 40 * 144);
        }));
    }
}

TEST(plan_execute, takes_more_bins_than_workers_and_ranges_of_any_kind) {
    std::atomic<int> ran = 0;
    const auto count = [&ran] { ++ran; };
    std::vector tasks(300, planned_task{1e-6, count});
    const plan how = twill::make_plan(std::vector<twill::plan_task>(tasks.size(), {1}), 200);
    for (const plan_stealing stealing : both) {
        plan_execute(std::span(tasks), how, stealing);
    }
    EXPECT_EQ(ran.load(), 600);
    planned_task<void (*)()> two[] = {{0.0, [] {}}, {0.0, [] {}, 1, 2}};
    EXPECT_EQ(tasks_of(plan_execute(two, plan_strategy::exact)), 2U);
    EXPECT_EQ(tasks_of(plan_execute(std::vector<any_task>(), plan_strategy::lpt)), 0U);
}

TEST(plan_execute, in_a_runtime_of_its_own) {
    twill::runtime three{{.workers = 3}};
    const executed_plan came = three.run(
        [] { return plan_execute(std::vector<any_task>(7, {1e-6, [] {}}), plan_strategy::lpt); });
    EXPECT_EQ(came.cores.size(), 3U);
    EXPECT_EQ(tasks_of(came), 7U);
}

std::string refusal(const std::vector<double>& times, plan how) {
    std::vector<any_task> tasks;
    for (const double time : times) {
        tasks.push_back({time, [] { ADD_FAILURE() << "a task was run"; }});
    }
    try {
        if (how.cores.empty()) {
            plan_execute(tasks, plan_strategy::lpt);
        } else {
            plan_execute(tasks, std::move(how));
        }
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return {};
}

TEST(plan_execute, says_what_it_does_not_take) {
    const plan two = twill::make_plan({{1}, {1}}, 2);
    EXPECT_EQ(refusal({1, 1, 1}, two), "twill::plan_execute: the plan is for 2 tasks, there are 3");
    EXPECT_EQ(refusal({1}, two), "twill::plan_execute: the plan has task 1, but there are only 1");
    plan twice = two;
    twice.cores[0].tasks = {1};
    EXPECT_EQ(refusal({1, 1}, twice), "twill::plan_execute: the plan has task 1 twice");
    EXPECT_EQ(refusal({1, -1}, {}),
              "twill::make_plan: time of task 1: expected a finite number from 0 on, got -1");
}

} // namespace
