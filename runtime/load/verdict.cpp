// SPDX-License-Identifier: Apache-2.0
#include "load/verdict.hpp"

#include "load/lost_time.hpp"
#include "load/units.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace twill::load_model {

namespace {

using duration = load_window::duration;

/// From this imbalance on the load itself is uneven, and not only short of tasks.
constexpr double uneven = 0.15;

const char* advice_if_starved(const load_window& window) noexcept {
    return window.imbalance() > uneven
               ? "the busiest worker had more than its share: split its long tasks, or lower the "
                 "grain"
               : "the tasks were too few or in a chain: split the work into more independent tasks";
}

struct words {
    const char* where;
    const char* change;
};

words words_for(loss of, const load_window& window) noexcept {
    switch (of) {
    case loss::serial:
        return {"in the serial part of the program", "bring more of the program into verbs"};
    case loss::starved:
        return {"for lack of parallel work inside verbs", advice_if_starved(window)};
    case loss::dispatch:
        return {"in handing tasks from worker to worker",
                "make the tasks larger, with a larger grain"};
    case loss::preempted:
        return {"to other threads on the same cores",
                "end what else runs there, or set TWILL_WORKERS to the cores that are free"};
    case loss::asleep:
    case loss::nothing:
        break;
    }
    return {"", ""};
}

} // namespace

lost_time lost(const load_window& window) noexcept {
    const worker_load total = window.total();
    const idle_time idle =
        tell_idle_time(window.worker_count(), window.awake_limit, window.wall.count(),
                       window.in_verbs.count(), total.parked.count(), total.search.count());
    return {.capped = duration(idle.capped),
            .serial = duration(idle.serial),
            .starved = duration(idle.starved),
            .dispatch = total.dispatch,
            .preempted = total.preempted.value_or(duration{})};
}

main_loss most_lost(const load_window& window) noexcept {
    const lost_time parts = lost(window);
    const worker_load total = window.total();
    const double m = awake_of(window.worker_count(), window.awake_limit);
    if (m <= 0 || window.wall <= duration::zero()) {
        return {};
    }
    const double wall = number(window.wall);
    const double outside = wall - std::clamp(number(window.in_verbs), 0.0, wall);
    const double useful = number(total.useful);
    const double preempted = number(parts.preempted);
    double serial = number(parts.serial);
    double starved = number(parts.starved);
    // One of m is at work while no verb runs; spread over all it takes an m-th of the time.
    double of_serial = outside * (m - 1);
    if (m > 1 && is_serial(wall, outside, useful + number(parts.dispatch) + preempted)) {
        of_serial = std::min(wall * m - outside - useful, wall * (m - 1));
        serial += starved;
        starved = 0;
    }
    const double waited = waited_for_preempted(m, preempted, starved);
    const double on_places = number(total.useful + total.dispatch + total.search + total.over);
    const double asleep = window.cpu ? asleep_in_tasks(on_places, number(window.off_places),
                                                       number(*window.cpu), useful)
                                     : 0;
    const struct {
        loss where;
        double time;
        double back; ///< of the core time, what a change gives to all workers
    } all[] = {
        {loss::serial, serial, of_serial},
        {loss::starved, starved, starved - waited},
        {loss::dispatch, number(parts.dispatch), number(parts.dispatch)},
        {loss::preempted, preempted, preempted + waited},
        {loss::asleep, asleep, asleep},
    };
    const auto* const most =
        std::max_element(std::begin(all), std::end(all),
                         [](const auto& one, const auto& other) { return one.back < other.back; });
    const double gain = most->back / (m * wall);
    return gain < least_gain ? main_loss{} : main_loss{most->where, most->time, gain};
}

std::string verdict(const load_window& window) {
    const lost_time parts = lost(window);
    const duration whole = window.wall * window.worker_count() - parts.capped;
    if (whole <= duration::zero()) {
        return "verdict: no verb has run, so there is no load to judge";
    }
    const main_loss most = most_lost(window);
    const double away = seconds(parts.sum() - parts.capped);
    const double share = away / seconds(whole);
    if (most.where == loss::nothing) {
        return fmt::format("verdict: {:.1f} % of {:.3f} core-seconds went into tasks; there is "
                           "nothing to gain from better scheduling",
                           100 * (1 - share), seconds(whole));
    }
    const double time = most.time * 1e-9;
    if (most.where == loss::asleep) {
        return fmt::format("verdict: of {:.3f} core-seconds {:.3f} ({:.1f} %) went into tasks, but "
                           "in {:.3f} of these their threads slept{}: put the calls that wait into "
                           "twill::blocking()",
                           seconds(whole), seconds(whole) - away, 100 * (1 - share), time,
                           window.total().preempted ? "" : ", or waited for a core");
    }
    const auto [where, change] = words_for(most.where, window);
    return fmt::format("verdict: of {:.3f} core-seconds {:.3f} ({:.1f} %) were lost, most of them "
                       "({:.3f}) {}: {}",
                       seconds(whole), away, 100 * share, time, where, change);
}

} // namespace twill::load_model
