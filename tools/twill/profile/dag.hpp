// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "profile/clock.hpp"
#include "profile/input.hpp"
#include "profile/profile.hpp"
#include "profile/scan.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace twill::profile {

/// Work and span, or why there are none.
struct dag_result {
    std::optional<dag> strands;
    std::string no_dag;
    std::vector<std::string> notes;
};

/// Computes work and span of the events of one runtime: `chunks`, which are all that `scanned` has
/// of it, in their order, and `sums`. `steal_takes`: the price of a fork on the burdened span.
/// Linear in the events; where there are groups, times the logarithm of the number of threads.
/// Memory for the open frames of all threads, and for stolen roots that nobody has joined yet.
/// Throws std::system_error.
dag_result compute_dag(const input& file, const scan_result& scanned,
                       std::span<const event_chunk> chunks, const event_sums& sums,
                       const tick_clock& clock, nanoseconds steal_takes);

} // namespace twill::profile
