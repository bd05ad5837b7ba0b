// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graph.hpp"
#include "loops.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace social {

/// Both kinds of loops, for typed tests.
using versions = testing::Types<serial_loops, twill_loops>;

inline edge_list list_of(std::size_t vertices, const std::vector<edge>& edges) {
    edge_list list{buffer<edge>(edges.size()), vertices, {}, {}};
    std::copy(edges.begin(), edges.end(), list.edges.begin());
    return list;
}

template <class Loops>
graph graph_of(const Loops& loops, std::size_t vertices, const std::vector<edge>& edges) {
    return build_graph(loops, list_of(vertices, edges));
}

/// Every vertex with every other, one edge for each pair.
inline std::vector<edge> complete(vertex vertices) {
    std::vector<edge> edges;
    for (vertex u = 0; u < vertices; ++u) {
        for (vertex v = u + 1; v < vertices; ++v) {
            edges.push_back({u, v});
        }
    }
    return edges;
}

/// 0 to 1 to 2 and so on, and back to 0.
inline std::vector<edge> cycle(vertex vertices) {
    std::vector<edge> edges;
    for (vertex v = 0; v < vertices; ++v) {
        edges.push_back({v, (v + 1) % vertices});
    }
    return edges;
}

/// From every other vertex to vertex 0.
inline std::vector<edge> star(vertex vertices) {
    std::vector<edge> edges;
    for (vertex v = 1; v < vertices; ++v) {
        edges.push_back({v, 0});
    }
    return edges;
}

} // namespace social
