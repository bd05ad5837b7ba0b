// SPDX-License-Identifier: Apache-2.0
#include "load/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace twill::load_model {

namespace {

using duration = load_window::duration;

/// Below this share of the core-seconds nothing is worth a change.
constexpr double small_loss = 0.03;

/// From this imbalance on the load itself is uneven, and not only short of tasks.
constexpr double uneven = 0.15;

double seconds(duration time) noexcept { return static_cast<double>(time.count()) * 1e-9; }

const char* advice_if_starved(const load_window& window) noexcept {
    return window.imbalance() > uneven
               ? "the busiest worker had more than its share: split its long tasks, or lower the "
                 "grain"
               : "the tasks were too few or in a chain: split the work into more independent tasks";
}

} // namespace

lost_time lost(const load_window& window) noexcept {
    const worker_load total = window.total();
    const int workers = window.worker_count();
    const int awake = window.awake_limit > 0 ? std::min(window.awake_limit, workers) : workers;
    lost_time result{};
    result.capped = std::min(window.wall * (workers - awake), total.parked);
    const duration parked = total.parked - result.capped;
    // Outside of verbs all workers are parked, but for those that end their search.
    const duration outside = std::max(window.wall - window.in_verbs, duration::zero()) * awake;
    result.serial = std::min(outside, parked);
    result.starved = parked - result.serial + total.search;
    result.dispatch = total.dispatch;
    result.preempted = total.preempted.value_or(duration{});
    return result;
}

std::string verdict(const load_window& window) {
    const lost_time parts = lost(window);
    const duration whole = window.wall * window.worker_count();
    if (whole <= duration::zero()) {
        return "verdict: no verb has run, so there is no load to judge";
    }
    const double share = seconds(parts.sum()) / seconds(whole);
    if (share < small_loss) {
        return fmt::format("verdict: {:.1f} % of {:.3f} core-seconds went into tasks; there is "
                           "nothing to gain from better scheduling",
                           100 * (1 - share), seconds(whole));
    }
    const struct {
        duration time;
        const char* where;
        const char* change;
    } causes[] = {
        {parts.capped, "on workers beyond the cores, which are never awake",
         "leave TWILL_WORKERS unset, and there are as many as cores"},
        {parts.serial, "in the serial part of the program, while no verb ran",
         "bring more of the program into verbs"},
        {parts.starved, "for lack of parallel work inside verbs", advice_if_starved(window)},
        {parts.dispatch, "in handing tasks from worker to worker",
         "make the tasks larger, with a larger grain"},
        {parts.preempted, "to other programs on the same cores",
         "end them, or set TWILL_WORKERS to the cores that are free"},
    };
    const auto* const most =
        std::max_element(std::begin(causes), std::end(causes),
                         [](const auto& one, const auto& other) { return one.time < other.time; });
    return fmt::format("verdict: of {:.3f} core-seconds {:.3f} ({:.1f} %) were lost, most of them "
                       "({:.3f}) {}: {}",
                       seconds(whole), seconds(parts.sum()), 100 * share, seconds(most->time),
                       most->where, most->change);
}

} // namespace twill::load_model
