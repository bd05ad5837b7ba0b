// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// What the line of TWILL_REPORT and the verdict of `twill report` have in common, so that they
/// cannot tell different things of the same window. tools/twill/verdict includes this file.

#include <algorithm>
#include <cstdint>

namespace twill::load_model {

/// Below this share of the wall time a change is not worth its risk.
constexpr double least_gain = 0.05;
/// The clock of the kernel and the accounts differ by less than this share.
constexpr double clock_noise = 0.02;

/// Time in which workers had no task, by the reason. In nanoseconds.
struct idle_time {
    int awake = 0;            ///< m: as many workers may work at the same time
    std::int64_t capped = 0;  ///< parked because only `awake` workers may work at the same time
    std::int64_t serial = 0;  ///< else parked while no verb ran
    std::int64_t starved = 0; ///< else parked, or in search, while a verb ran
};

/// How many of the workers may work at the same time; `awake_limit` is 0 if it is not known.
constexpr int awake_of(int workers, int awake_limit) noexcept {
    return awake_limit > 0 ? std::min(awake_limit, workers) : workers;
}

/// Of a window of `wall` nanoseconds, `in_verbs` of which a verb ran. `parked` and `search` are of
/// all workers; `awake_limit` as for awake_of(). The sum of the result is theirs. O(1).
constexpr idle_time tell_idle_time(int workers, int awake_limit, std::int64_t wall,
                                   std::int64_t in_verbs, std::int64_t parked,
                                   std::int64_t search) noexcept {
    idle_time made;
    made.awake = awake_of(workers, awake_limit);
    made.capped = std::min(wall * (workers - made.awake), parked);
    const std::int64_t left = parked - made.capped;
    // Outside of verbs all workers are parked, but for those that end their search.
    const std::int64_t outside = wall - std::clamp<std::int64_t>(in_verbs, 0, wall);
    made.serial = std::min(outside * made.awake, left);
    made.starved = left - made.serial + search;
    return made;
}

/// One thread at a time had something to do, on average, with a core or without: then the whole
/// stretch is serial code, inside of verbs too. `outside`: of `wall`, while no verb ran; `busy`:
/// the time of all workers in tasks, in dispatch and without their cores.
constexpr bool is_serial(double wall, double outside, double busy) noexcept {
    constexpr double about_one = 1.2;
    // Inside verbs a single long task looks the same from afar: next to nothing else may have run.
    constexpr double exactly_one = 1.05;
    const double parallelism = wall > 0 ? (outside + busy) / wall : 0;
    return parallelism > 0 && parallelism <= (wall - outside < outside ? about_one : exactly_one);
}

/// What of `starved` the end of a delay of `preempted` gives back: a worker that has lost its core
/// keeps at most all others waiting for its task.
constexpr double waited_for_preempted(double m, double preempted, double starved) noexcept {
    return std::clamp((m - 1) * preempted, 0.0, std::max(starved, 0.0));
}

/// Of the places' time, how long their threads slept in tasks: not on a core by the kernel's clock
/// `cpu`, and not ready either. That clock also has what threads used off places, which hides as
/// much sleep unless it is put beside the places' time. 0 if that is noise.
constexpr double asleep_in_tasks(double on_places, double off_places, double cpu,
                                 double useful) noexcept {
    const double accounted = on_places + off_places;
    const double asleep = std::min(accounted - cpu, useful);
    return asleep < clock_noise * accounted ? 0 : std::max(asleep, 0.0);
}

} // namespace twill::load_model
