// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "twill/load.hpp"

namespace twill_test {

/// The times of a worker, in a unit that the test chooses.
struct columns {
    int useful = 0;
    int dispatch = 0;
    int search = 0;
    int parked = 0;
    int preempted = 0;
};

/// A worker that existed for as long as its columns add up to.
template <class Unit>
twill::worker_load worker_of(const columns& times) {
    twill::worker_load made;
    made.useful = Unit(times.useful);
    made.dispatch = Unit(times.dispatch);
    made.search = Unit(times.search);
    made.parked = Unit(times.parked);
    made.preempted = Unit(times.preempted);
    made.open = made.useful + made.dispatch + made.search + made.parked + *made.preempted;
    return made;
}

} // namespace twill_test
