// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "edge_list.hpp"
#include "group.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <utility>
#include <vector>

namespace social {

/// The largest number that occurs.
template <class Loops>
vertex largest_number(const Loops& loops, const buffer<edge>& edges) {
    const edge* const all = edges.data();
    return loops.reduce(
        edges.size(), vertex{0},
        [all](std::size_t i) { return std::max(all[i].source, all[i].target); },
        [](vertex a, vertex b) { return std::max(a, b); });
}

/// For numbers that are not much larger than there are edges: a byte for each.
template <class Loops>
std::vector<vertex> distinct_by_table(const Loops& loops, const buffer<edge>& edges,
                                      vertex largest) {
    buffer<char> seen(std::size_t{largest} + 1);
    loops.for_each(seen.size(), [&seen](std::size_t v) { seen[v] = 0; });
    loops.for_each(edges.size(), [&](std::size_t i) {
        for (const vertex v : {edges[i].source, edges[i].target}) {
            // Several workers may write the same 1. Relaxed: the end of the loop orders it.
            const std::atomic_ref<char> mark(seen[v]);
            if (mark.load(std::memory_order_relaxed) == 0) {
                mark.store(1, std::memory_order_relaxed);
            }
        }
    });
    std::vector<vertex> numbers;
    for (std::size_t v = 0; v < seen.size(); ++v) {
        if (seen[v] != 0) {
            numbers.push_back(static_cast<vertex>(v));
        }
    }
    return numbers;
}

/// For any numbers: sorts blocks of them, and merges these by twos.
template <class Loops>
std::vector<vertex> distinct_by_sorting(const Loops& loops, const buffer<edge>& edges) {
    const std::size_t blocks = block_count(edges.size());
    std::vector<std::vector<vertex>> runs(blocks);
    loops.for_each(blocks, [&](std::size_t b) {
        const std::size_t last = edges.size() * (b + 1) / blocks;
        std::vector<vertex>& run = runs[b];
        for (std::size_t i = edges.size() * b / blocks; i < last; ++i) {
            run.push_back(edges[i].source);
            run.push_back(edges[i].target);
        }
        std::sort(run.begin(), run.end());
        run.erase(std::unique(run.begin(), run.end()), run.end());
    });
    while (runs.size() > 1) {
        std::vector<std::vector<vertex>> merged((runs.size() + 1) / 2);
        loops.for_each(merged.size(), [&](std::size_t b) {
            if (2 * b + 1 == runs.size()) {
                merged[b] = std::move(runs[2 * b]);
                return;
            }
            const std::vector<vertex>& left = runs[2 * b];
            const std::vector<vertex>& right = runs[2 * b + 1];
            merged[b].resize(left.size() + right.size());
            merged[b].erase(std::set_union(left.begin(), left.end(), right.begin(), right.end(),
                                           merged[b].begin()),
                            merged[b].end());
        });
        runs = std::move(merged);
    }
    return std::move(runs.front());
}

/// All numbers that occur, ascending.
template <class Loops>
std::vector<vertex> distinct_vertices(const Loops& loops, const buffer<edge>& edges) {
    if (edges.empty()) {
        return {};
    }
    const vertex largest = largest_number(loops, edges);
    return largest / 16 <= edges.size() ? distinct_by_table(loops, edges, largest)
                                        : distinct_by_sorting(loops, edges);
}

} // namespace social
