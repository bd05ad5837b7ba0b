// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// Profiles of programs whose schedule is known on paper.

#include "profile/profile.hpp"

#include <cmath>
#include <cstdint>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace twill_test {

using twill::profile::nanoseconds;
using twill::profile::profile;
using twill::profile::worker;

inline nanoseconds seconds(double time) { return std::llround(time * 1e9); }

/// Columns in seconds; what is left of `open` is parked.
struct columns {
    double useful = 0;
    double dispatch = 0;
    double search = 0;
    double preempted = 0;
};

inline worker make_worker(double open, const columns& of) {
    worker made;
    made.open = seconds(open);
    made.useful = seconds(of.useful);
    made.dispatch = seconds(of.dispatch);
    made.search = seconds(of.search);
    made.preempted = seconds(of.preempted);
    made.parked = made.open - made.useful - made.dispatch - made.search - *made.preempted;
    return made;
}

/// As many cores as workers, the CPU clock as the columns have it, a task at 50 ns.
inline profile make_profile(double wall, double in_verbs, const std::vector<columns>& workers) {
    profile made;
    made.program = "program";
    made.mode = "kinds";
    made.complete = true;
    made.cores = static_cast<int>(workers.size());
    made.steal_takes = 500;
    made.wake_takes = 5000;
    made.task_takes = 50;
    made.total.wall = seconds(wall);
    made.total.in_verbs = seconds(in_verbs);
    made.total.awake_limit = static_cast<int>(workers.size());
    made.total.cpu = 0;
    for (const columns& one : workers) {
        made.total.workers.push_back(make_worker(wall, one));
        const worker& last = made.total.workers.back();
        made.total.cpu = *made.total.cpu + last.useful + last.dispatch + last.search;
    }
    return made;
}

/// A kind whose tasks are `count` of `mean` seconds, evenly on all workers, and one of `longest`.
inline void add_kind(profile& to, std::string name, double count, double mean, double longest = 0) {
    twill::profile::kind made;
    made.name = std::move(name);
    const std::size_t workers = to.total.workers.size();
    for (std::size_t k = 0; k < workers; ++k) {
        const auto all = static_cast<std::uint64_t>(count);
        const std::uint64_t its = all / workers + (k < all % workers ? 1 : 0);
        made.workers.push_back({its, seconds(static_cast<double>(its) * mean)});
    }
    made.longest = seconds(longest > 0 ? longest : mean);
    made.sampled.upper = {seconds(mean * 0.75), seconds(mean * 1.5)};
    made.sampled.count = {0, static_cast<std::uint64_t>(count)};
    to.kinds.push_back(std::move(made));
}

/// A region whose columns are of all workers together, in seconds.
inline void add_region(profile& to, std::string name, double count, double wall, double in_verbs,
                       const columns& all) {
    twill::profile::region made;
    made.name = std::move(name);
    made.count = static_cast<std::uint64_t>(count);
    made.wall = seconds(wall);
    made.in_verbs = seconds(in_verbs);
    made.all = make_worker(wall * static_cast<double>(to.total.workers.size()), all);
    to.regions.push_back(std::move(made));
}

} // namespace twill_test
