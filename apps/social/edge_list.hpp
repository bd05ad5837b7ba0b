// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "buffer.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace social {

using vertex = std::uint32_t;

/// The largest number that a vertex can have in a file.
inline constexpr vertex largest_vertex = UINT32_MAX;

struct edge {
    vertex source;
    vertex target;

    friend bool operator==(const edge&, const edge&) = default;
    friend auto operator<=>(const edge&, const edge&) = default;
};

/// Edges as they come: directed, in any order, possibly repeated, possibly from a vertex to itself.
/// The vertices are 0 to vertices - 1.
struct edge_list {
    buffer<edge> edges;
    std::size_t vertices = 0;
    /// The number of each vertex in its file, ascending. Empty if that is its own number.
    std::vector<vertex> numbers;
    /// The name of each vertex. Empty if the file has none.
    std::vector<std::string> names;
};

} // namespace social
