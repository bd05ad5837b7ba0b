// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "edge_list.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace social {

/// A list of neighbours for every vertex, all in one array (compressed sparse rows).
struct adjacency {
    buffer<std::uint64_t> offsets; ///< vertices + 1 of them: where each list begins
    buffer<vertex> neighbours;

    [[nodiscard]] std::size_t vertices() const noexcept { return offsets.size() - 1; }
    [[nodiscard]] std::uint64_t edges() const noexcept { return offsets[vertices()]; }
    [[nodiscard]] std::uint64_t degree(std::size_t v) const noexcept {
        return offsets[v + 1] - offsets[v];
    }
    [[nodiscard]] std::span<const vertex> of(std::size_t v) const noexcept {
        return {neighbours.data() + offsets[v], degree(v)};
    }

    /// For who reads the lists of `vertices` in turn and is at the k-th: a list that comes soon is
    /// on its way from memory then, and where it begins for a later one. The distances are long
    /// enough for lists of some ten neighbours; the processor itself follows a list, not the jumps.
    /// Always inlined: g++ 12 drops calls of a function that only prefetches.
    [[gnu::always_inline]] void fetch_ahead(std::span<const vertex> vertices,
                                            std::size_t k) const noexcept {
        constexpr std::size_t list = 8;
        constexpr std::size_t beginning = 16;
        if (k + beginning < vertices.size()) {
            __builtin_prefetch(&offsets[vertices[k + beginning]]);
        }
        if (k + list < vertices.size()) {
            __builtin_prefetch(neighbours.data() + offsets[vertices[k + list]]);
        }
    }
};

} // namespace social
