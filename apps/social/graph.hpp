// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "group.hpp"

#include <string>
#include <utility>
#include <vector>

namespace social {

/// A directed graph without repeated edges and without edges from a vertex to itself. Every list is
/// in ascending order.
struct graph {
    adjacency out;
    adjacency in;
    std::vector<vertex> numbers;    ///< as in edge_list
    std::vector<std::string> names; ///< as in edge_list

    [[nodiscard]] std::size_t vertices() const noexcept { return out.vertices(); }
    [[nodiscard]] std::uint64_t edges() const noexcept { return out.edges(); }

    /// What its file calls the vertex.
    [[nodiscard]] vertex number(std::size_t v) const noexcept {
        return numbers.empty() ? static_cast<vertex>(v) : numbers[v];
    }
};

/// The lists without repetitions and without the vertex itself. Takes ascending lists.
template <class Loops>
adjacency simplify(const Loops& loops, const adjacency& lists) {
    const std::size_t vertices = lists.vertices();
    const auto each_kept = [&lists](std::size_t v, const auto& keep) {
        const vertex self = static_cast<vertex>(v);
        vertex before = self;
        for (const vertex neighbour : lists.of(v)) {
            if (neighbour != before && neighbour != self) {
                keep(neighbour);
            }
            before = neighbour;
        }
    };
    adjacency simple{buffer<std::uint64_t>(vertices + 1), {}};
    loops.for_each(vertices, [&](std::size_t v) {
        std::uint64_t kept = 0;
        each_kept(v, [&kept](vertex /*neighbour*/) { ++kept; });
        simple.offsets[v] = kept;
    });
    simple.offsets[vertices] = exclusive_scan(loops, std::span(simple.offsets.data(), vertices));
    simple.neighbours = buffer<vertex>(simple.offsets[vertices]);
    loops.for_each(vertices, [&](std::size_t v) {
        vertex* next = simple.neighbours.data() + simple.offsets[v];
        each_kept(v, [&next](vertex neighbour) { *next++ = neighbour; });
    });
    return simple;
}

/// Work O(vertices + edges): grouping by target and then by source, both stable, leaves the lists
/// of targets in ascending order, and so does reversing them; nothing is sorted by comparisons.
template <class Loops>
graph build_graph(const Loops& loops, edge_list list) {
    const std::size_t vertices = list.vertices;
    adjacency in = group(loops, vertices, by_target(list.edges));
    list.edges = {};
    adjacency out = simplify(loops, group(loops, vertices, reversed(in)));
    in = group(loops, vertices, reversed(out));
    return {std::move(out), std::move(in), std::move(list.numbers), std::move(list.names)};
}

} // namespace social
