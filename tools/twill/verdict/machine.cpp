// SPDX-License-Identifier: Apache-2.0
// What the machine did not give: cores that others used, and fewer cores than workers.
#include "verdict/figures.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace twill::profile {

namespace {

/// The part of the run delay that the program's own threads are the reason for: of R threads that
/// want a core on average, R - c wait for c cores whoever else is there.
double own_delay(const figures& from) {
    if (from.cores <= 0 || from.m <= from.cores || from.in_verbs <= 0) {
        return 0;
    }
    double ready = from.preempted;
    for (const worker& one : from.of.total.workers) {
        ready += static_cast<double>(one.useful + one.dispatch + one.search + one.over);
    }
    return std::clamp(ready - from.cores * from.in_verbs, 0.0, from.preempted);
}

} // namespace

void find_preemption(const figures& from, starvation& starved, findings& found) {
    const double others = from.preempted - own_delay(from);
    if (others <= 0) {
        return;
    }
    int worst = 0;
    nanoseconds most = 0;
    for (std::size_t k = 0; k < from.of.total.workers.size(); ++k) {
        const nanoseconds delay = from.of.total.workers[k].preempted.value_or(0);
        if (delay > most) {
            most = delay;
            worst = static_cast<int>(k);
        }
    }
    finding made;
    made.what = cause::preemption;
    const double waited =
        starved.take(load_model::waited_for_preempted(from.m, others, starved.rest()));
    made.gain = from.saved(others + waited);
    made.starved = static_cast<nanoseconds>(waited);
    made.seen = fmt::format("the workers were ready to run for {} while the kernel ran something "
                            "else on their cores; most of it, {}, was on worker {}",
                            time_text(others), time_text(static_cast<double>(most)), worst);
    made.change = "end what else runs on these cores, keep it off them (taskset, cpuset), or set "
                  "TWILL_WORKERS to the cores that are free";
    made.formula = fmt::format("({} preempted + {} starved meanwhile) / ({} W)", time_text(others),
                               time_text(waited), from.m);
    found.push_back(std::move(made));
}

void find_too_many_workers(const figures& from, findings& found) {
    const double own = own_delay(from);
    if (own <= 0) {
        return;
    }
    const bool by_quota = from.of.quota && *from.of.quota < from.of.cores;
    finding made;
    made.what = cause::too_many_workers;
    made.subject = by_quota ? "quota" : "cores";
    if (by_quota) {
        // The kernel stops all threads at the end of the quota: what it withholds is lost.
        made.gain = from.saved(own);
        made.seen = fmt::format("{} workers on a quota of {:.2g} cores: the kernel held them back "
                                "for {}",
                                from.m, *from.of.quota, time_text(own));
        made.change = fmt::format("raise the CPU quota to {} cores; with fewer workers nothing is "
                                  "gained but evenness",
                                  from.m);
        made.formula = fmt::format("{} withheld / ({} W)", time_text(own), from.m);
    } else {
        // The cores were busy all the same: what is saved is what the extra threads did on them
        // besides tasks.
        double search = 0;
        for (const worker& one : from.of.total.workers) {
            search += static_cast<double>(one.search);
        }
        const double fixed = from.wall - from.in_verbs + (from.useful + from.dispatch) / from.cores;
        made.gain = from.wall > 0 ? std::clamp(1 - fixed / from.wall, 0.0, 1.0) : 0;
        made.seen = fmt::format("{} workers take turns on {:.3g} cores; they waited for each other "
                                "for {} and looked for work for {}",
                                from.m, from.cores, time_text(own), time_text(search));
        made.change = "leave TWILL_WORKERS and TWILL_OVERSUBSCRIBE unset: as many workers as cores";
        made.formula = fmt::format("1 - W'/W with W' = {} outside of verbs + {} of tasks and "
                                   "dispatch / {:.3g} cores",
                                   time_text(from.wall - from.in_verbs),
                                   time_text(from.useful + from.dispatch), from.cores);
    }
    found.push_back(std::move(made));
}

} // namespace twill::profile
