// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graph.hpp"
#include "marks.hpp"

#include <cstdint>
#include <functional>
#include <span>

namespace social {

/// For every vertex its neighbours of higher rank, whatever the direction of the edge, in ascending
/// order. The rank is by degree and then by number, so that no list is longer than about the square
/// root of twice the edges. List v begins where the lists of out and in before it end together:
/// there is room enough, and nothing to be counted first.
class forward_lists {
public:
    template <class Loops>
    forward_lists(const Loops& loops, const graph& g)
        : graph_(&g), neighbours_(2 * g.edges()), sizes_(g.vertices()) {
        loops.for_each(static_cast<std::size_t>(g.vertices()),
                       [this](std::size_t v) { fill(static_cast<vertex>(v)); });
    }

    [[nodiscard]] std::span<const vertex> of(std::size_t v) const noexcept {
        return {neighbours_.data() + begin(v), sizes_[v]};
    }
    [[nodiscard]] std::size_t vertices() const noexcept { return sizes_.size(); }

private:
    [[nodiscard]] std::uint64_t begin(std::size_t v) const noexcept {
        return graph_->out.offsets[v] + graph_->in.offsets[v];
    }
    [[nodiscard]] std::uint64_t degree(std::size_t v) const noexcept {
        return begin(v + 1) - begin(v);
    }

    /// Merges the two lists of v and keeps what ranks above it.
    void fill(vertex v) noexcept {
        const std::span<const vertex> out = graph_->out.of(v);
        const std::span<const vertex> in = graph_->in.of(v);
        const std::uint64_t own = degree(v);
        vertex* const first = neighbours_.data() + begin(v);
        vertex* next = first;
        const auto keep = [&](vertex w) {
            const std::uint64_t other = degree(w);
            *next = w;
            next += other > own || (other == own && w > v) ? 1 : 0;
        };
        std::size_t i = 0;
        std::size_t j = 0;
        while (i < out.size() && j < in.size()) {
            const vertex a = out[i];
            const vertex b = in[j];
            i += a <= b ? 1 : 0;
            j += b <= a ? 1 : 0;
            keep(a < b ? a : b);
        }
        for (; i < out.size(); ++i) {
            keep(out[i]);
        }
        for (; j < in.size(); ++j) {
            keep(in[j]);
        }
        sizes_[v] = static_cast<vertex>(next - first);
    }

    const graph* graph_;
    buffer<vertex> neighbours_;
    buffer<vertex> sizes_;
};

/// The number of sets of three vertices that are joined pairwise, in either direction. The forward
/// algorithm: every triangle is found once, from its vertex of lowest rank. Schank, Wagner,
/// "Finding, counting and listing all triangles in large graphs", WEA 2005. Work O(edges^(3/2)).
template <class Loops>
std::uint64_t count_triangles(const Loops& loops, const graph& g) {
    const forward_lists forward(loops, g);
    return loops.reduce(
        forward.vertices(), std::uint64_t{0},
        [&forward](std::size_t u) -> std::uint64_t {
            const std::span<const vertex> own = forward.of(u);
            if (own.size() < 2) {
                return 0;
            }
            const marked_set set(own, forward.vertices());
            std::uint64_t closed = 0;
            for (const vertex v : own) {
                closed += set.count(forward.of(v));
            }
            return closed;
        },
        std::plus<>());
}

} // namespace social
