// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graph.hpp"

#include <algorithm>
#include <cstddef>

namespace social {

/// The vertices by falling degree, and by rising number where that is the same. Vertex order[r] has
/// rank r.
struct degree_order {
    buffer<vertex> order;
    buffer<vertex> rank;
};

/// The number of edges of a vertex, in either direction.
[[nodiscard]] inline std::uint64_t degree_of(const graph& g, std::size_t v) noexcept {
    return g.out.degree(v) + g.in.degree(v);
}

/// Pairs for group(): what a vertex lacks of the largest degree is the key, the vertex the value.
class by_degree {
public:
    by_degree(const graph& g, std::uint64_t largest) noexcept
        : graph_(&g), largest_(largest), blocks_(block_count(g.vertices())) {}

    [[nodiscard]] std::size_t pairs() const noexcept { return graph_->vertices(); }
    [[nodiscard]] std::size_t blocks() const noexcept { return blocks_; }
    template <class Visit>
    void visit(std::size_t block, const Visit& visit) const {
        const std::size_t last = pairs() * (block + 1) / blocks_;
        for (std::size_t v = pairs() * block / blocks_; v < last; ++v) {
            visit(static_cast<vertex>(largest_ - degree_of(*graph_, v)), static_cast<vertex>(v));
        }
    }

private:
    const graph* graph_;
    std::uint64_t largest_;
    std::size_t blocks_;
};

/// Work O(vertices).
template <class Loops>
degree_order order_by_degree(const Loops& loops, const graph& g) {
    const std::uint64_t largest = loops.reduce(
        g.vertices(), std::uint64_t{0}, [&g](std::size_t v) { return degree_of(g, v); },
        [](std::uint64_t a, std::uint64_t b) { return std::max(a, b); });
    degree_order by{group(loops, largest + 1, by_degree(g, largest)).neighbours,
                    buffer<vertex>(g.vertices())};
    loops.for_each(g.vertices(),
                   [&by](std::size_t r) { by.rank[by.order[r]] = static_cast<vertex>(r); });
    return by;
}

} // namespace social
