// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "load/planner/instance.hpp"

#include <cstdint>
#include <vector>

namespace twill::planner {

/// Task i to core i mod m. O(n).
assignment round_robin(const instance& given);

/// Each task of `order` to the core on which it ends first; of equal ones to the fastest, then to
/// that of the lowest number. O(n (k + log m)) for k different speeds.
assignment list_schedule(const instance& given, const std::vector<std::uint32_t>& order);

/// The best of LPT and of first fit decreasing into bins whose size a binary search lowers
/// (Coffman, Garey, Johnson: An application of bin-packing to multiprocessor scheduling, SIAM J.
/// Comput. 7, 1978; begun at LPT's makespan as by Lee, Massey: Discrete Appl. Math. 20, 1988). The
/// search goes on until it is closed, so that nothing is left of the published bounds' term 2^-k.
/// O((n log n + log(range) n log m)).
assignment multifit(const instance& given);

} // namespace twill::planner
