// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// The planner: which core is to run which of n independent tasks whose times are known or
/// predicted, so that the last core ends early; and plan_execute, which runs a batch that way.
///
/// In the terms of the literature this is P||Cmax, and Q||Cmax for cores of different speeds (R. L.
/// Graham, E. L. Lawler, J. K. Lenstra, A. H. G. Rinnooy Kan: Optimization and approximation in
/// deterministic sequencing and scheduling, 1979).
///
/// It is not a part of twill.hpp.
///
/// ```cpp
/// #include <twill/plan.hpp>
///
/// const twill::plan three = twill::make_plan({{2.0}, {3.0}, {1.0}}, 3);
/// // three.makespan == 3.0, three.total_load == 6.0, three.gap() == 0.0
/// ```

#include "twill/detail/bins.hpp"
#include "twill/detail/config.hpp"
#include "twill/detail/kind.hpp"
#include "twill/detail/library.hpp"
#include "twill/options.hpp"
#include "twill/parallel_for.hpp"
#include "twill/worker.hpp"

#include <concepts>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace twill::inline abi_1 {

/// How tasks are given to cores.
enum class plan_strategy : unsigned char {
    round_robin, ///< task i to core i mod m, whatever its time
    list,        ///< in the order given, each to the core on which it ends first
    lpt,         ///< the same, the longest task first (longest processing time)
    multifit,    ///< first fit decreasing into bins of the smallest size found to do
    exact        ///< branch and bound until the plan is proved best, or time is up
};

/// A task, as the planner sees it.
struct plan_task {
    /// How long it takes on a core of speed 1, in any unit: finite, 0 or more.
    double time = 0;
    /// Tasks of a higher priority run first on their core.
    int priority = 0;
    /// Tasks of one kind and priority run one after the other on their core.
    int kind = 0;
};

/// What a plan is made with; everything may be left out.
struct plan_options {
    plan_strategy strategy = plan_strategy::lpt;
    /// The speed of each core, above 0: a task takes time/speed there. Empty: all 1.
    std::vector<double> speeds = {};
    /// How long plan_strategy::exact may search, roughly. It ends earlier with the proof that the
    /// plan is best.
    std::chrono::nanoseconds time_limit = std::chrono::seconds(10);
};

/// What one core is to do.
struct plan_core {
    double speed = 1;
    /// p_j: when it is done, the times of its tasks added up and divided by its speed.
    double load = 0;
    /// The numbers of its tasks in the order in which they run.
    std::vector<std::size_t> tasks;
};

/// Who runs what, and how good that is.
struct plan {
    plan_strategy strategy = plan_strategy::lpt;
    std::vector<plan_core> cores;
    /// The core of each task.
    std::vector<std::size_t> core_of;
    /// C, the largest p_j.
    double makespan = 0;
    /// S, the sum of all p_j.
    double total_load = 0;
    /// No plan has a smaller makespan than this; proved for these very tasks.
    double lower_bound = 0;
    /// What the strategy promises for all tasks: C is at most so many times the smallest makespan
    /// that there is. Absent for round robin; 1 for exact if it came to its end.
    std::optional<double> promised_ratio;
    /// What the strategy promises without knowing the smallest makespan: Graham's bound of the
    /// list, S/m + (1 - 1/m) max e, on cores of one speed. Absent for the others.
    std::optional<double> promised_makespan;

    /// C/lower_bound - 1: by how much C may be above the best, at the most. 0 if that is proved.
    [[nodiscard]] double gap() const noexcept {
        return makespan > lower_bound ? makespan / lower_bound - 1 : 0;
    }
    /// No plan is better.
    [[nodiscard]] bool optimal() const noexcept { return makespan <= lower_bound; }
};

/// Plans n tasks on `cores` cores.
///
/// Times decide who runs a task. Priority and kind decide in which order a core runs its tasks
/// (higher priority first, kinds together, otherwise as the strategy came to them), which changes
/// no load; and which of several tasks of equal time comes first to lpt, multifit and exact.
///
/// What the strategies promise, as C over the best there is, and their work:
/// - round_robin: nothing. O(n).
/// - list: 2 - 1/m, and C <= S/m + (1 - 1/m) max e (Graham 1966); with different speeds
///   1 + sqrt(2 m - 2)/2, for two cores (1 + sqrt 5)/2 (Cho, Sahni 1980). O(n log m).
/// - lpt: 4/3 - 1/(3 m) (Graham 1969); with different speeds 2 m/(m + 1) (Gonzalez, Ibarra, Sahni
///   1977) and 1.5774 (Kovacs 2010). O(n log n).
/// - multifit: 13/11 (Yue 1990); with different speeds 7/5 (Friesen, Langston 1983). O(n log n), 50
///   packings.
/// - exact: 1, or the better promise of multifit and lpt where the time limit ends it. Exponential.
///
/// Work as of cores of one speed; k different speeds are a factor of k.
///
/// The arithmetic is exact where all times are multiples of a power of ten down to 1e-6 or of a
/// power of two, and their sum is below 2^50 of it; else times are rounded to 2^-50 of their sum.
///
/// \param tasks    n tasks, fewer than 2^32.
/// \param cores    m, 1 to 4096.
/// \param options  strategy, speeds, time limit.
/// \return the plan; the same one for the same input, except where the time limit ends the search.
/// \throws std::invalid_argument for a value out of these ranges, std::bad_alloc.
///
/// Serial, O(n + m) memory and 8 MB for exact. Thread-safe.
///
/// ```cpp
/// // 10 hours of work in three equal parts on three nodes.
/// const double part = 10.0 / 3;
/// const twill::plan even = twill::make_plan({{part}, {part}, {part}}, 3,
///                                           {.strategy = twill::plan_strategy::round_robin});
/// const bool third = std::abs(even.cores[2].load - part) < 1e-12;
/// // third == true, even.cores[0].load == even.makespan, even.gap() == 0.0
/// ```
[[nodiscard]] TWILL_API plan make_plan(const std::vector<plan_task>& tasks, int cores,
                                       const plan_options& options = {});

/// A task for plan_execute: what it calls, and how long that is predicted to take.
template <class Callable>
struct planned_task {
    double time = 0; ///< predicted, in seconds
    Callable call;   ///< called once, as it lies in the range, without arguments
    int priority = 0;
    int kind = 0;
};
template <class Callable>
planned_task(double, Callable) -> planned_task<Callable>;
template <class Callable>
planned_task(double, Callable, int) -> planned_task<Callable>;
template <class Callable>
planned_task(double, Callable, int, int) -> planned_task<Callable>;

/// Whether plan_execute keeps to the plan when the times turn out otherwise.
enum class plan_stealing : bool {
    off, ///< a bin is run by one thread, in its order
    on   ///< whoever is done with its own bin helps with the one that has most left
};

/// What came of one bin.
struct executed_core {
    double predicted = 0; ///< p_j as planned, in seconds
    /// p_j as the clock saw it: the time in the tasks that were run here, in seconds, with what
    /// they waited.
    double measured = 0;
    /// How many these were.
    std::size_t tasks = 0;
};

/// What came of a batch.
struct executed_plan {
    plan planned;
    std::vector<executed_core> cores; ///< one for each of the plan
    std::vector<double> times;        ///< how long each task took, in seconds
    double makespan = 0;              ///< C as measured, the largest p_j
    double total_load = 0;            ///< S as measured
    double wall = 0;                  ///< from the begin of the first task to the end of the last
};

namespace detail {

/// Throws std::invalid_argument unless the plan has each of `tasks` tasks exactly once.
TWILL_API void check_plan(const plan& how, std::size_t tasks);

template <class Range>
inline constexpr bool is_batch =
    std::ranges::random_access_range<Range> && std::ranges::sized_range<Range>;

template <class Task>
concept planned = requires(Task& task) {
    { task.time } -> std::convertible_to<double>;
    { task.priority } -> std::convertible_to<int>;
    { task.kind } -> std::convertible_to<int>;
    task.call();
};

/// What the planner is to know of a batch.
template <class Range>
std::vector<plan_task> planned_of(Range& tasks) {
    std::vector<plan_task> result;
    result.reserve(static_cast<std::size_t>(std::ranges::size(tasks)));
    for (auto&& task : tasks) {
        result.push_back({static_cast<double>(task.time), task.priority, task.kind});
    }
    return result;
}

template <class Option>
concept execute_option = std::same_as<Option, plan_stealing> || std::same_as<Option, kind>;

constexpr plan_stealing find_stealing() noexcept { return plan_stealing::off; }
template <class Option, class... Options>
constexpr plan_stealing find_stealing(const Option& option, const Options&... options) noexcept {
    if constexpr (std::same_as<Option, plan_stealing>) {
        return option;
    } else {
        return find_stealing(options...);
    }
}

/// `as`: the kind of the tasks, or no_kind.
template <class Range, class Kind>
executed_plan run_planned(Range& tasks, const std::vector<plan_task>& facts, plan&& how,
                          bool helping, [[maybe_unused]] const Kind& as) {
    executed_plan result;
    result.planned = std::move(how);
    const std::vector<plan_core>& cores = result.planned.cores;
    // Until a task has run, its entry is what was predicted.
    std::vector<double> predicted(facts.size());
    for (std::size_t k = 0; k < facts.size(); ++k) {
        predicted[k] = facts[k].time;
    }
    bins all(cores.size());
    for (std::size_t j = 0; j < cores.size(); ++j) {
        all.fill(j, cores[j].tasks, predicted);
    }
    result.cores.resize(cores.size());
    result.times = std::move(predicted);
    const auto first = std::ranges::begin(tasks);
    const auto call = [&](std::size_t task) {
        auto&& one = first[static_cast<std::iter_difference_t<decltype(first)>>(task)];
        if constexpr (std::same_as<Kind, no_kind>) {
            one.call();
        } else {
            run_as_kind(as.number(), [&one] { one.call(); });
        }
    };
    const bins::clock::time_point began = bins::clock::now();
    parallel_for(std::size_t{0}, cores.size(), [&](std::size_t own) {
        bin_runner runner(all, result.times);
        runner.run(call, own, helping);
        result.cores[own] = {cores[own].load, runner.busy(), runner.ran()};
    });
    const std::chrono::duration<double> wall = bins::clock::now() - began;
    result.wall = wall.count();
    for (const executed_core& core : result.cores) {
        result.total_load += core.measured;
        result.makespan = result.makespan < core.measured ? core.measured : result.makespan;
    }
    return result;
}

/// `plan_for(facts)` is the plan of what the planner knows of the tasks.
template <class Range, class PlanFor, class... Options>
executed_plan execute_planned(Range& tasks, const PlanFor& plan_for, const Options&... options) {
    static_assert(is_batch<Range>,
                  "twill: plan_execute takes a random-access range that knows its size");
    if constexpr (is_batch<Range>) {
        constexpr bool usable = planned<std::ranges::range_reference_t<Range>>;
        static_assert(usable, "twill: plan_execute takes a range of twill::planned_task");
        if constexpr (usable) {
            const std::vector<plan_task> facts = planned_of(tasks);
            return run_planned(tasks, facts, plan_for(facts),
                               find_stealing(options...) == plan_stealing::on,
                               find_kind(options...));
        }
    }
}

} // namespace detail

/// Runs each task once, by a plan that was made before, and returns when all have ended.
///
/// Each core of the plan is a bin. Whoever takes a bin runs its tasks one after the other in the
/// planned order; there may be more or fewer bins than workers. With plan_stealing::on a thread
/// whose bin is empty takes the next task of the bin with most predicted time left, until there is
/// none. What it runs then counts for the bin that it began with.
///
/// \param tasks     a random-access range of twill::planned_task, or of what has its members.
/// \param how       a plan of as many tasks.
/// \param options   plan_stealing: whether threads help each other, off if not given; twill::kind:
///                  the tasks are ones of it.
/// \return predicted and measured loads.
/// \throws std::invalid_argument if the plan does not have each task of the range exactly once;
///         whatever a task threw first in time, after all that had begun has ended; tasks that had
///         not begun are dropped.
///
/// Work: n calls, two readings of the clock each, and with stealing O(m) for each task that is not
/// run where it was planned. Span: the longest bin; with stealing that of a list schedule of what
/// is left. Thread-safe: callable from any thread and from inside tasks.
template <class Range, detail::execute_option... Options>
executed_plan plan_execute(Range&& tasks, plan how, const Options&... options) {
    const auto check = [&how](const std::vector<plan_task>& facts) {
        detail::check_plan(how, facts.size());
        return std::move(how);
    };
    return detail::execute_planned(tasks, check, options...);
}

/// The same with a plan that is made for as many cores as the runtime has workers, all of speed 1.
///
/// \param strategy  of make_plan(), with its usual time limit.
/// \throws also std::invalid_argument for a time that is negative or not finite; no task has begun.
///
/// ```cpp
/// std::atomic<int> done = 0;
/// std::vector<twill::planned_task<std::function<void()>>> tasks;
/// for (int k = 1; k <= 20; ++k) {
///     tasks.push_back({1e-6 * k, [&done] { ++done; }});
/// }
/// const twill::executed_plan came = twill::plan_execute(tasks, twill::plan_strategy::lpt);
/// // done == 20, came.cores.size() == std::size_t(twill::worker_count()), came.total_load > 0.0
/// ```
template <class Range, detail::execute_option... Options>
executed_plan plan_execute(Range&& tasks, plan_strategy strategy, const Options&... options) {
    const auto make = [strategy](const std::vector<plan_task>& facts) {
        return make_plan(facts, worker_count(), {.strategy = strategy});
    };
    return detail::execute_planned(tasks, make, options...);
}

} // namespace twill::inline abi_1
