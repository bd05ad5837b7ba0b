// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "edge_list.hpp"

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
};

} // namespace social
