// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "distinct.hpp"
#include "edge_list.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace social {

/// The place of a number in ascending distinct numbers, if it is among them.
[[nodiscard]] inline std::optional<std::size_t> place_of(const std::vector<vertex>& numbers,
                                                         vertex number) noexcept {
    const auto at = std::lower_bound(numbers.begin(), numbers.end(), number);
    if (at == numbers.end() || *at != number) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(at - numbers.begin());
}

/// The edges of the list have numbers as in a file, of which many may be unused. Counts the
/// vertices that occur and gives them the numbers from 0 on, in the same order. A list without gaps
/// keeps its numbers. Needs memory for the edges, however large the numbers are.
template <class Loops>
void renumber(const Loops& loops, edge_list& list) {
    std::vector<vertex> numbers = distinct_vertices(loops, list.edges);
    list.vertices = numbers.size();
    if (numbers.empty() || numbers.back() == numbers.size() - 1) {
        return;
    }
    const vertex span = numbers.back();
    // A table answers at once; for few edges and large numbers it would be too long.
    if (span / 16 <= list.edges.size()) {
        buffer<vertex> place(std::size_t{span} + 1);
        loops.for_each(numbers.size(),
                       [&](std::size_t i) { place[numbers[i]] = static_cast<vertex>(i); });
        loops.for_each(list.edges.size(), [&](std::size_t i) {
            edge& e = list.edges[i];
            e = {place[e.source], place[e.target]};
        });
    } else {
        loops.for_each(list.edges.size(), [&](std::size_t i) {
            edge& e = list.edges[i];
            e = {static_cast<vertex>(*place_of(numbers, e.source)),
                 static_cast<vertex>(*place_of(numbers, e.target))};
        });
    }
    list.numbers = std::move(numbers);
}

/// Names the vertex that the file calls `number`; without an edge it is none.
inline void name_vertex(edge_list& list, vertex number, const std::string& name) {
    const std::optional<std::size_t> place =
        list.numbers.empty() ? std::optional<std::size_t>(number) : place_of(list.numbers, number);
    if (place.has_value() && *place < list.vertices) {
        list.names.resize(list.vertices);
        list.names[*place] = name;
    }
}

} // namespace social
