// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "edge_list.hpp"

#include <cstddef>
#include <cstdint>

namespace social {

/// A random graph of 2^scale vertices by recursive choice of a quadrant of the adjacency matrix:
/// Chakrabarti, Zhan, Faloutsos, "R-MAT: a recursive model for graph mining", SDM 2004.
struct rmat {
    unsigned scale = 18;
    unsigned edges_per_vertex = 16;
    std::uint64_t seed = 1;

    /// The probabilities of the quadrants; the fourth has the rest.
    static constexpr double a = 0.57;
    static constexpr double b = 0.19;
    static constexpr double c = 0.19;

    static constexpr unsigned largest_scale = 31;
    static constexpr unsigned most_edges_per_vertex = 4096;

    [[nodiscard]] std::size_t vertices() const noexcept { return std::size_t{1} << scale; }
    [[nodiscard]] std::size_t edges() const noexcept { return vertices() * edges_per_vertex; }
    /// Edge i is a function of i and the seed alone, so that any worker may make it.
    [[nodiscard]] edge operator()(std::uint64_t i) const noexcept;
};

/// A bijection of 64-bit words without visible structure, and the step of the sequence of words to
/// put through it: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA
/// 2014, with Stafford's constants.
[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t word) noexcept {
    word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9U;
    word = (word ^ (word >> 27)) * 0x94d049bb133111ebU;
    return word ^ (word >> 31);
}
inline constexpr std::uint64_t mix_step = 0x9e3779b97f4a7c15U;

inline edge rmat::operator()(std::uint64_t i) const noexcept {
    constexpr double unit = 4294967296.0;
    constexpr auto below_a = static_cast<std::uint32_t>(a * unit);
    constexpr auto below_b = static_cast<std::uint32_t>((a + b) * unit);
    constexpr auto below_c = static_cast<std::uint32_t>((a + b + c) * unit);
    std::uint64_t state = mix(mix(seed + mix_step) + i * mix_step);
    std::uint64_t word = 0;
    edge chosen{0, 0};
    for (unsigned level = 0; level < scale; ++level) {
        // One word is good for two levels.
        word = level % 2 == 0 ? mix(state += mix_step) : word >> 32;
        const auto draw = static_cast<std::uint32_t>(word);
        // Without branches: nothing about them could be predicted.
        const unsigned above_a = draw >= below_a ? 1 : 0;
        const unsigned lower = draw >= below_b ? 1 : 0;
        const unsigned above_c = draw >= below_c ? 1 : 0;
        const unsigned right = above_a ^ lower ^ above_c;
        chosen.source = chosen.source << 1 | lower;
        chosen.target = chosen.target << 1 | right;
    }
    return chosen;
}

/// The same list for every kind of loops and every number of workers.
template <class Loops>
edge_list generate(const Loops& loops, const rmat& model) {
    edge_list list{buffer<edge>(model.edges()), model.vertices(), {}, {}};
    edge* const edges = list.edges.data();
    loops.for_each(list.edges.size(), [edges, &model](std::size_t i) { edges[i] = model(i); });
    return list;
}

} // namespace social
