// SPDX-License-Identifier: Apache-2.0
#include "twill/plan.hpp"

#include "load/planner/bounds.hpp"
#include "load/planner/exact.hpp"
#include "load/planner/instance.hpp"
#include "load/planner/strategies.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <string>

namespace twill::inline abi_1 {

namespace {

using planner::assignment;
using planner::instance;

/// Who runs what, in which order of decisions, and what is proved.
struct outcome_of_strategy {
    assignment made;
    double lower_bound;
    std::vector<std::uint32_t> order;
};

outcome_of_strategy run(const instance& given, const plan_options& options) {
    std::vector<std::uint32_t> as_given(given.sizes.size());
    std::iota(as_given.begin(), as_given.end(), 0U);
    const double lower_bound = planner::lower_bound(given);
    switch (options.strategy) {
    case plan_strategy::round_robin:
        return {planner::round_robin(given), lower_bound, as_given};
    case plan_strategy::list:
        return {planner::list_schedule(given, as_given), lower_bound, as_given};
    case plan_strategy::lpt:
        return {planner::list_schedule(given, given.falling), lower_bound, given.falling};
    case plan_strategy::multifit:
        return {planner::multifit(given), lower_bound, given.falling};
    case plan_strategy::exact: {
        planner::search_result found = planner::search_exact(given, options.time_limit.count());
        return {std::move(found.best), found.lower_bound, given.falling};
    }
    }
    throw std::invalid_argument(fmt::format("twill::make_plan: strategy: expected a plan_strategy, "
                                            "got {}",
                                            static_cast<int>(options.strategy)));
}

/// Fills the cores in the order of `order`, and then by priority and kind.
void order_tasks(plan& result, const std::vector<plan_task>& tasks, const outcome_of_strategy& by) {
    std::vector<std::size_t> turn(tasks.size());
    for (std::size_t k = 0; k < by.order.size(); ++k) {
        const std::uint32_t task = by.order[k];
        turn[task] = k;
        result.core_of[task] = by.made.core_of[task];
        result.cores[by.made.core_of[task]].tasks.push_back(task);
    }
    for (plan_core& core : result.cores) {
        std::sort(core.tasks.begin(), core.tasks.end(), [&](std::size_t one, std::size_t other) {
            if (tasks[one].priority != tasks[other].priority) {
                return tasks[one].priority > tasks[other].priority;
            }
            return tasks[one].kind != tasks[other].kind ? tasks[one].kind < tasks[other].kind
                                                        : turn[one] < turn[other];
        });
    }
}

} // namespace

plan make_plan(const std::vector<plan_task>& tasks, int cores, const plan_options& options) {
    const instance given = planner::make_instance(tasks, cores, options.speeds);
    const outcome_of_strategy by = run(given, options);
    plan result;
    result.strategy = options.strategy;
    result.cores.resize(given.cores());
    result.core_of.resize(tasks.size());
    order_tasks(result, tasks, by);
    for (std::size_t j = 0; j < given.cores(); ++j) {
        plan_core& core = result.cores[j];
        core.speed = options.speeds.empty() ? 1 : options.speeds[j];
        core.load = given.time(static_cast<double>(by.made.loads[j]) / given.speeds[j]);
        result.total_load += core.load;
        result.makespan = std::max(result.makespan, core.load);
    }
    result.lower_bound = std::min(given.time(by.lower_bound), result.makespan);
    result.promised_ratio = planner::promised_ratio(options.strategy, given);
    if (options.strategy == plan_strategy::list && given.one_speed()) {
        result.promised_makespan = given.time(planner::graham_bound(given));
    }
    if (options.strategy == plan_strategy::exact && result.optimal()) {
        result.promised_ratio = 1;
    }
    return result;
}

void detail::check_plan(const plan& how, std::size_t tasks) {
    const auto refuse = [](const std::string& what) {
        throw std::invalid_argument("twill::plan_execute: " + what);
    };
    std::vector<bool> seen(tasks);
    std::size_t count = 0;
    for (const plan_core& core : how.cores) {
        for (const std::size_t task : core.tasks) {
            if (task >= tasks || seen[task]) {
                refuse(task >= tasks
                           ? fmt::format("the plan has task {}, but there are only {}", task, tasks)
                           : fmt::format("the plan has task {} twice", task));
            }
            seen[task] = true;
            ++count;
        }
    }
    if (count != tasks) {
        refuse(fmt::format("the plan is for {} tasks, there are {}", count, tasks));
    }
}

} // namespace twill::inline abi_1
