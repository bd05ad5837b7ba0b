// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "degree_order.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace social {

/// Every pair of adjacent vertices once, whatever the direction of the edge. Vertices are called by
/// their rank in degree_order. All lists ascend.
struct forward_lists {
    adjacency up;   ///< neighbours of smaller rank: none has more than about sqrt(2 edges)
    adjacency down; ///< neighbours of larger rank
};

/// Calls visit(w) for each distinct neighbour of v in either direction, ascending.
template <class Visit>
void visit_neighbours(const graph& g, std::size_t v, const Visit& visit) {
    const std::span<const vertex> out = g.out.of(v);
    const std::span<const vertex> in = g.in.of(v);
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < out.size() && j < in.size()) {
        const vertex a = out[i];
        const vertex b = in[j];
        i += a <= b ? 1 : 0;
        j += b <= a ? 1 : 0;
        visit(a < b ? a : b);
    }
    for (; i < out.size(); ++i) {
        visit(out[i]);
    }
    for (; j < in.size(); ++j) {
        visit(in[j]);
    }
}

/// Work O(vertices + edges). The first lists that are made do not ascend; grouped by their
/// neighbours they do, and grouped back again too.
template <class Loops>
forward_lists make_forward(const Loops& loops, const graph& g) {
    const degree_order by = order_by_degree(loops, g);
    const std::size_t vertices = g.vertices();
    // A list has no more room than its two lists in the graph, so it need not be counted first.
    const auto begin = [&g](std::size_t v) { return g.out.offsets[v] + g.in.offsets[v]; };
    buffer<vertex> roomy(2 * g.edges());
    adjacency mixed{buffer<std::uint64_t>(vertices + 1), {}};
    loops.for_each(vertices, [&](std::size_t r) {
        const std::size_t v = by.order[r];
        vertex* const first = roomy.data() + begin(v);
        vertex* next = first;
        visit_neighbours(g, v, [&](vertex w) {
            *next = by.rank[w];
            next += *next < r ? 1 : 0;
        });
        mixed.offsets[r] = static_cast<std::uint64_t>(next - first);
    });
    mixed.offsets[vertices] = exclusive_scan(loops, std::span(mixed.offsets.data(), vertices));
    mixed.neighbours = buffer<vertex>(mixed.edges());
    loops.for_each(vertices, [&](std::size_t r) {
        const vertex* const first = roomy.data() + begin(by.order[r]);
        std::copy(first, first + mixed.degree(r), mixed.neighbours.data() + mixed.offsets[r]);
    });
    roomy = {};
    adjacency down = group(loops, vertices, reversed(mixed));
    adjacency up = group(loops, vertices, reversed(down));
    return {std::move(up), std::move(down)};
}

} // namespace social
