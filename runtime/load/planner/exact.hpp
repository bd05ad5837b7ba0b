// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "load/planner/instance.hpp"

#include <cstdint>

namespace twill::planner {

struct search_result {
    assignment best;
    /// No plan is better than this; best.makespan() if the search came to its end.
    double lower_bound;
};

/// Branch and bound on the makespan: can all tasks end by then? is a packing problem. Begins with
/// multifit() and lower_bound(); the answers close in from both sides.
/// \param time_limit  in nanoseconds.
search_result search_exact(const instance& given, std::int64_t time_limit);

} // namespace twill::planner
