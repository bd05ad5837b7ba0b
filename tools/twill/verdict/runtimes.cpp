// SPDX-License-Identifier: Apache-2.0
// Which runtime is judged, and what a profile has of it.
#include "verdict/verdict.hpp"

namespace twill::profile {

namespace {

double useful_of(const accounts& all) noexcept {
    double sum = 0;
    for (const worker& one : all.workers) {
        sum += static_cast<double>(one.useful);
    }
    return sum;
}

} // namespace

const runtime* judged_runtime(const profile& of) noexcept {
    const runtime* judged = nullptr;
    double most = useful_of(of.total);
    for (const runtime& one : of.runtimes) {
        if (const double useful = useful_of(one.total); one.number != 0 && useful > most) {
            judged = &one;
            most = useful;
        }
    }
    return judged;
}

profile part_of(const profile& of, const runtime& one) {
    profile made;
    made.version = of.version;
    made.program = of.program;
    made.mode = of.mode;
    made.cores = of.cores;
    made.quota = of.quota;
    made.steal_takes = of.steal_takes;
    made.wake_takes = of.wake_takes;
    made.task_takes = of.task_takes;
    made.clock_ahead = of.clock_ahead;
    made.counts = of.counts;
    made.total = one.total;
    made.kinds = one.kinds;
    made.strands = one.strands;
    made.no_dag = one.no_dag;
    made.complete = of.complete;
    return made;
}

} // namespace twill::profile
