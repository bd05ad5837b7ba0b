// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "load/planner/groups.hpp"
#include "load/planner/instance.hpp"

#include <cstddef>
#include <optional>

namespace twill::planner {

/// A makespan that no plan can be below: the best of
///
/// - S over the sum of the speeds, and the longest task on the fastest core;
/// - of any k m + 1 tasks some core has k + 1, on the fastest core at best; the longest km + 1 and
///   the shortest k + 1 of these are taken, for all k;
/// - cores of one speed: the smallest makespan for which bins_needed() asks for no more than m
///   (Dell'Amico, Martello: Optimal scheduling of tasks on identical parallel processors, ORSA J.
///   Comput. 7, 1995);
/// - different speeds: the longest k tasks on the fastest k cores.
///
/// O(n + log(range) d) for d different sizes.
double lower_bound(const instance& given);

/// How many bins of a size the groups need at least: tasks that cannot share a bin are counted, and
/// smaller ones fill up what those leave (the bound L2 of Martello, Toth: Lower bounds and
/// reduction procedures for the bin packing problem, Discrete Appl. Math. 28, 1990). Returns early
/// with a number above `enough`. The longest task fits into a bin. O(d).
std::size_t bins_needed(const groups& tasks, size bin, std::size_t enough) noexcept;

/// What a strategy promises without knowing the best plan.
std::optional<double> promised_ratio(plan_strategy strategy, const instance& given) noexcept;
/// Graham's bound of a list schedule, in the instance's unit.
double graham_bound(const instance& given) noexcept;

} // namespace twill::planner
