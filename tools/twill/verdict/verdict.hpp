// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// From a profile to the words: what kept the program from being faster, what to change, and how
/// much that would give. README.md argues the formulas. Pure: no input, no output, no clock.

#include "load/lost_time.hpp"
#include "profile/profile.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace twill::profile {

enum class cause {
    nothing,                ///< no change gives as much as least_gain
    serial_section,         ///< one thread works, the others have nothing to do
    huge_task,              ///< a task longer than the share of a worker
    coarse_tasks,           ///< too few tasks: the last ones end at different times
    imbalance,              ///< tasks of one kind stay on few workers
    too_little_parallelism, ///< starvation inside verbs, of no cause above
    fine_tasks,             ///< a task costs more than it should against what it does
    blocking,               ///< tasks sleep on their workers
    preemption,             ///< others run on the cores
    too_many_workers,       ///< more workers at the same time than the cores or the quota carry
    work_inflation,         ///< the same work took longer than in the base
};

/// Its name in JSON and in tests: `serial_section`.
std::string_view name_of(cause of) noexcept;
/// In words: "a serial section".
std::string_view words_for(cause of) noexcept;

/// Where the core-seconds went: the workers' columns, with what is parked told apart. They add up
/// to `capacity`, which is the sum of `open`. In nanoseconds.
struct accounts_of_time {
    int workers = 0;
    int awake = 0; ///< m: as many may work at the same time
    nanoseconds wall = 0;
    nanoseconds in_verbs = 0;
    nanoseconds capacity = 0;
    nanoseconds useful = 0;
    nanoseconds dispatch = 0;
    nanoseconds starved = 0; ///< in search, or parked, while a verb ran
    nanoseconds serial = 0;  ///< parked while no verb ran
    nanoseconds capped = 0;  ///< parked because only `awake` workers may work at the same time
    nanoseconds preempted = 0;
    bool preempted_known = true;
};
accounts_of_time where_time_went(const accounts& total);

/// One thing to change.
struct finding {
    cause what = cause::nothing;
    std::string subject;     ///< the region or kind; empty if there is none to name
    double gain = 0;         ///< 1 - W'/W: what part of the wall time the change saves, in [0, 1)
    nanoseconds starved = 0; ///< of the starvation, what the change ends: no two findings share it
    std::string seen;        ///< what the profile shows, one sentence
    std::string change;      ///< what to do, one sentence
    std::string formula;     ///< how `gain` was computed, with its numbers
};

/// Below this gain the verdict is "nothing to change".
inline constexpr double least_gain = load_model::least_gain;

struct verdict {
    /// What is judged, as part_of() has it; absent where it is the default runtime.
    std::optional<profile> part;
    std::uint32_t runtime = 0; ///< its number, 0 for the default one
    std::string title;         ///< `runtime 2, "pool"`, or "" for the default one
    accounts_of_time accounts;
    /// By gain, the largest first; findings.front() is the main one and always there. It is
    /// cause::nothing if no other reaches least_gain; those above a fifth of that follow all the
    /// same.
    std::vector<finding> findings;
};

/// The runtime that is judged, the one with the most useful time: null for the default one. Several
/// that stand together under number 0 are none.
const runtime* judged_runtime(const profile& of) noexcept;
/// What is of this runtime in a profile and of the whole process, without the series. Regions are
/// of the default runtime alone.
profile part_of(const profile& of, const runtime& one);

/// What is to be said about a profile: about the runtime that is judged. `base`: an earlier profile
/// of the same work, on another machine, with other workers or other code; with it work inflation
/// can be seen.
/// O(workers + kinds + regions squared). Throws std::bad_alloc.
verdict judge(const profile& of, const profile* base = nullptr);

/// The main finding in one line, without a line's end.
std::string one_line(const verdict& of);

} // namespace twill::profile
