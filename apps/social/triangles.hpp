// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "forward.hpp"
#include "marks.hpp"

#include <cstdint>
#include <functional>
#include <span>

namespace social {

/// The number of sets of three vertices that are joined pairwise, in either direction. Every
/// triangle is found once, at its vertex v of middle rank: from a lower neighbour u of v, the
/// neighbours of u above v that are marked as neighbours of v. A form of the forward algorithm:
/// Schank, Wagner, "Finding, counting and listing all triangles in large graphs", WEA 2005.
/// Work O(edges^(3/2)).
template <class Loops>
std::uint64_t count_triangles(const Loops& loops, const graph& g) {
    const forward_lists forward = make_forward(loops, g);
    return loops.reduce_in_order(
        g.vertices(), std::uint64_t{0},
        [&forward](std::size_t v) -> std::uint64_t {
            const std::span<const vertex> above = forward.up.of(v);
            if (above.empty()) {
                return 0;
            }
            const marked_set set(above, forward.up.vertices());
            const std::span<const vertex> below = forward.down.of(v);
            std::uint64_t closed = 0;
            for (std::size_t i = 0; i < below.size(); ++i) {
                forward.up.fetch_ahead(below, i);
                closed += set.count_below(static_cast<vertex>(v), forward.up.of(below[i]));
            }
            return closed;
        },
        std::plus<>());
}

} // namespace social
