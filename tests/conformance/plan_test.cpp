// SPDX-License-Identifier: Apache-2.0
#include <twill/plan.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using twill::make_plan;
using twill::plan;
using twill::plan_strategy;
using twill::plan_task;

using order = std::vector<std::size_t>;

/// What make_plan() says of its arguments, or nothing.
std::string refusal(const std::vector<plan_task>& tasks, int cores,
                    const twill::plan_options& options = {}) {
    try {
        (void)make_plan(tasks, cores, options);
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return {};
}

TEST(plan, ten_hours_in_three_parts) {
    const double part = 10.0 / 3;
    const plan made =
        make_plan({{part}, {part}, {part}}, 3, {.strategy = plan_strategy::round_robin});
    for (const twill::plan_core& core : made.cores) {
        EXPECT_NEAR(core.load, 3.333, 0.001);
        EXPECT_EQ(core.tasks.size(), 1U);
    }
    EXPECT_NEAR(made.total_load, 10, 1e-12);
    EXPECT_EQ(made.gap(), 0);
    EXPECT_FALSE(made.promised_ratio);
}

TEST(plan, two_three_and_one_hour) {
    for (const plan_strategy strategy :
         {plan_strategy::round_robin, plan_strategy::list, plan_strategy::lpt,
          plan_strategy::multifit, plan_strategy::exact}) {
        const plan made = make_plan({{2}, {3}, {1}}, 3, {.strategy = strategy});
        EXPECT_EQ(made.makespan, 3);
        EXPECT_EQ(made.total_load, 6);
        EXPECT_EQ(made.lower_bound, 3);
        EXPECT_TRUE(made.optimal());
    }
}

TEST(plan, priority_orders_a_core_and_changes_no_load) {
    const std::vector<plan_task> plain{{4}, {3}, {3}, {2}, {2}};
    std::vector<plan_task> urgent = plain;
    urgent[3].priority = 1; // a short one
    urgent[2].priority = 1;
    const plan before = make_plan(plain, 2);
    const plan after = make_plan(urgent, 2);
    EXPECT_EQ(after.makespan, before.makespan);
    EXPECT_EQ(after.total_load, before.total_load);
    for (const twill::plan_core& core : after.cores) {
        for (std::size_t k = 1; k < core.tasks.size(); ++k) {
            EXPECT_GE(urgent[core.tasks[k - 1]].priority, urgent[core.tasks[k]].priority);
        }
    }
    const std::vector<plan_task> levels{{1, -5}, {1, 2}, {1, 0}, {1, 2}};
    EXPECT_EQ(make_plan(levels, 1, {.strategy = plan_strategy::list}).cores[0].tasks,
              (order{1, 3, 2, 0}));
}

TEST(plan, kinds_run_together) {
    const std::vector<plan_task> tasks{{1, 0, 1}, {1, 0, 0}, {1, 0, 1}, {1, 1, 1}, {1, 0, 0}};
    EXPECT_EQ(make_plan(tasks, 1, {.strategy = plan_strategy::round_robin}).cores[0].tasks,
              (order{3, 1, 4, 0, 2}));
}

TEST(plan, the_strategy_gives_the_order_otherwise) {
    const std::vector<plan_task> tasks{{1}, {5}, {3}};
    EXPECT_EQ(make_plan(tasks, 1, {.strategy = plan_strategy::list}).cores[0].tasks,
              (order{0, 1, 2}));
    EXPECT_EQ(make_plan(tasks, 1).cores[0].tasks, (order{1, 2, 0}));
}

TEST(plan, faster_cores_get_more) {
    const plan made = make_plan(std::vector<plan_task>(6, {1}), 2,
                                {.strategy = plan_strategy::exact, .speeds = {2, 1}});
    EXPECT_EQ(made.cores[0].tasks.size(), 4U);
    EXPECT_EQ(made.makespan, 2);
    EXPECT_EQ(made.cores[1].load, 2);
    EXPECT_EQ(made.lower_bound, 2);
}

TEST(plan, nothing_to_do) {
    const plan none = make_plan({}, 3);
    EXPECT_EQ(none.makespan, 0);
    EXPECT_EQ(none.gap(), 0);
    EXPECT_EQ(none.cores.size(), 3U);
    const plan zeros = make_plan({{0}, {0}}, 2, {.strategy = plan_strategy::exact});
    EXPECT_EQ(zeros.makespan, 0);
    EXPECT_TRUE(zeros.optimal());
    EXPECT_EQ(zeros.cores[0].tasks.size() + zeros.cores[1].tasks.size(), 2U);
}

TEST(plan, says_what_it_does_not_take) {
    const double infinity = std::numeric_limits<double>::infinity();
    EXPECT_EQ(refusal({{1}, {-2}}, 1),
              "twill::make_plan: time of task 1: expected a finite number from 0 on, got -2");
    EXPECT_EQ(refusal({{std::nan("")}}, 1),
              "twill::make_plan: time of task 0: expected a finite number from 0 on, got nan");
    EXPECT_EQ(refusal({{infinity}}, 1),
              "twill::make_plan: time of task 0: expected a finite number from 0 on, got inf");
    EXPECT_EQ(refusal({{1}}, 0), "twill::make_plan: cores: expected 1 to 4096, got 0");
    EXPECT_EQ(refusal({{1}}, 4097), "twill::make_plan: cores: expected 1 to 4096, got 4097");
    EXPECT_EQ(refusal({{1}}, 3, {.speeds = {1, 2}}),
              "twill::make_plan: speeds: expected one for each of 3 cores, got 2");
    EXPECT_EQ(refusal({{1}}, 2, {.speeds = {1, 0}}),
              "twill::make_plan: speed of core 1: expected a finite number above 0, got 0");
    const std::string beyond =
        "twill::make_plan: times and speeds: expected sums within the range of a double";
    EXPECT_EQ(refusal({{1e308}, {1e308}}, 2), beyond);
    EXPECT_EQ(refusal({{1e200}}, 1, {.speeds = {1e-200}}), beyond);
    EXPECT_EQ(refusal({{1}}, 4096), "");
    EXPECT_EQ(refusal({{0}, {1e300}, {1e-300}}, 2, {.strategy = plan_strategy::exact}), "");
}

} // namespace
