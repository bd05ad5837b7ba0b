// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "analysis.hpp"

#include <string>

namespace social {

/// How far two rankings of one graph may lie apart, and how far the sum of one may be from 1. Both
/// add the same numbers in another order, and n additions of numbers that sum up to 1 are off by at
/// most n units of 2^-53; the iteration damps what is off, so that over all of it 1/(1 - damping)
/// times as much comes together. The factor 4 counts both sums of both rankings.
[[nodiscard]] double rounding_bound(std::size_t vertices, double damping) noexcept;

struct comparison {
    double distance = 0; ///< between the rankings: the sum of the absolute differences
    double total = 0;    ///< of the ranks of the one that is checked
    double bound = 0;    ///< what distance and |total - 1| may be
    std::string failure; ///< the first thing that is wrong; empty if nothing is

    [[nodiscard]] bool ok() const noexcept { return failure.empty(); }
};

/// Holds a parallel analysis against the serial one: the same graph, the same number of triangles,
/// the same ranks within the bound. Where rounding made one of them end an iteration earlier, the
/// bound also has what an iteration at the tolerance can change.
[[nodiscard]] comparison compare(const analysis& serial, const analysis& parallel,
                                 const pagerank_options& options);

} // namespace social
