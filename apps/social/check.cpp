// SPDX-License-Identifier: Apache-2.0
#include "check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace social {
namespace {

bool same(const adjacency& a, const adjacency& b) {
    return std::equal(a.offsets.begin(), a.offsets.end(), b.offsets.begin(), b.offsets.end()) &&
           std::equal(a.neighbours.begin(), a.neighbours.end(), b.neighbours.begin(),
                      b.neighbours.end());
}

} // namespace

double rounding_bound(std::size_t vertices, double damping) noexcept {
    return 4 * std::ldexp(static_cast<double>(vertices), -53) / (1 - damping);
}

comparison compare(const analysis& serial, const analysis& parallel,
                   const pagerank_options& options) {
    comparison found;
    if (!same(serial.of.out, parallel.of.out) || !same(serial.of.in, parallel.of.in)) {
        found.failure = "the graphs differ";
        return found;
    }
    found.bound = rounding_bound(serial.of.vertices(), options.damping);
    if (serial.pagerank.iterations != parallel.pagerank.iterations) {
        found.bound += options.tolerance / (1 - options.damping);
    }
    for (std::size_t v = 0; v < parallel.of.vertices(); ++v) {
        found.distance += std::abs(serial.pagerank.ranks[v] - parallel.pagerank.ranks[v]);
        found.total += parallel.pagerank.ranks[v];
    }
    if (serial.triangles != parallel.triangles) {
        found.failure =
            fmt::format("{} triangles, serial {}", parallel.triangles, serial.triangles);
    } else if (!(found.distance <= found.bound)) {
        found.failure = fmt::format("the PageRanks differ by {:.3g} in sum, the bound is {:.3g}",
                                    found.distance, found.bound);
    } else if (!(std::abs(found.total - 1) <= found.bound)) {
        found.failure = fmt::format("the PageRanks sum up to 1 {:+.3g}, the bound is {:.3g}",
                                    found.total - 1, found.bound);
    } else if (!serial.pagerank.converged || !parallel.pagerank.converged) {
        found.failure = fmt::format("PageRank did not get below {:g} in {} iterations",
                                    options.tolerance, options.most_iterations);
    }
    return found;
}

} // namespace social
