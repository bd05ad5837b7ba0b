// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adjacency.hpp"
#include "scan.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace social {

/// How many blocks `pairs` pairs are cut into: of the pairs alone, so that results do not depend on
/// the number of workers.
[[nodiscard]] inline std::size_t block_count(std::size_t pairs) noexcept {
    return std::clamp<std::size_t>(pairs / 32768, 1, 256);
}

/// Pairs out of an edge list: the target is the key, the source the value.
class by_target {
public:
    explicit by_target(const buffer<edge>& edges) noexcept
        : edges_(&edges), blocks_(block_count(edges.size())) {}

    [[nodiscard]] std::size_t pairs() const noexcept { return edges_->size(); }
    [[nodiscard]] std::size_t blocks() const noexcept { return blocks_; }
    template <class Visit>
    void visit(std::size_t block, const Visit& visit) const {
        const edge* const end = edges_->data() + bound(block + 1);
        for (const edge* e = edges_->data() + bound(block); e != end; ++e) {
            visit(e->target, e->source);
        }
    }

private:
    [[nodiscard]] std::size_t bound(std::size_t block) const noexcept {
        return edges_->size() * block / blocks_;
    }

    const buffer<edge>* edges_;
    std::size_t blocks_;
};

/// Pairs out of lists of neighbours: the neighbour is the key, the owner of the list the value, in
/// ascending order of the values.
class reversed {
public:
    explicit reversed(const adjacency& lists) noexcept
        : lists_(&lists), blocks_(block_count(lists.edges())) {}

    [[nodiscard]] std::size_t pairs() const noexcept { return lists_->edges(); }
    [[nodiscard]] std::size_t blocks() const noexcept { return blocks_; }
    template <class Visit>
    void visit(std::size_t block, const Visit& visit) const {
        const std::size_t last = bound(block + 1);
        for (std::size_t v = bound(block); v < last; ++v) {
            for (const vertex neighbour : lists_->of(v)) {
                visit(neighbour, static_cast<vertex>(v));
            }
        }
    }

private:
    /// Blocks are of whole lists and have about equally many pairs.
    [[nodiscard]] std::size_t bound(std::size_t block) const noexcept {
        if (block == blocks_) {
            return lists_->vertices();
        }
        const auto* const at = std::lower_bound(lists_->offsets.begin(), lists_->offsets.end(),
                                                lists_->edges() * block / blocks_);
        return static_cast<std::size_t>(at - lists_->offsets.begin());
    }

    const adjacency* lists_;
    std::size_t blocks_;
};

/// Groups pairs by their key: list v holds the values of the pairs with key v in the order of
/// the pairs. A counting sort in two levels, so that writes go to few places at a time: by the
/// high bits of the key into buckets, then each bucket by the rest. Work O(vertices + pairs), no
/// atomics: blocks count first, and every block knows where in each bucket its pairs go.
template <class Loops, class Pairs>
adjacency group(const Loops& loops, std::size_t vertices, const Pairs& pairs) {
    constexpr int bucket_bits = 10;
    const int key_bits = static_cast<int>(std::bit_width(vertices > 0 ? vertices - 1 : 0));
    const int shift = std::max(0, key_bits - bucket_bits);
    const std::size_t buckets = vertices > 0 ? ((vertices - 1) >> shift) + 1 : 0;
    const std::size_t blocks = pairs.blocks();

    // places[bucket * blocks + block]: where in its bucket a block's pairs go, buckets in order.
    buffer<std::uint64_t> places(buckets * blocks);
    loops.for_each(blocks, [&](std::size_t block) {
        std::vector<std::uint64_t> counts(buckets);
        pairs.visit(block, [&](vertex key, vertex /*value*/) { ++counts[key >> shift]; });
        for (std::size_t b = 0; b < buckets; ++b) {
            places[b * blocks + block] = counts[b];
        }
    });
    exclusive_scan(loops, std::span(places.data(), places.size()));

    buffer<edge> sorted(pairs.pairs());
    loops.for_each(blocks, [&](std::size_t block) {
        std::vector<edge*> next(buckets);
        for (std::size_t b = 0; b < buckets; ++b) {
            next[b] = sorted.data() + places[b * blocks + block];
        }
        edge** const next_of = next.data();
        pairs.visit(block,
                    [&](vertex key, vertex value) { *next_of[key >> shift]++ = edge{value, key}; });
    });

    adjacency lists{buffer<std::uint64_t>(vertices + 1), buffer<vertex>(pairs.pairs())};
    lists.offsets[vertices] = pairs.pairs();
    loops.for_each(buckets, [&](std::size_t b) {
        const std::uint64_t begin = places[b * blocks];
        const std::uint64_t end = b + 1 < buckets ? places[(b + 1) * blocks] : pairs.pairs();
        const std::size_t first = b << shift;
        const std::size_t last = std::min(vertices, (b + 1) << shift);
        std::vector<std::uint64_t> next(last - first);
        for (std::uint64_t i = begin; i < end; ++i) {
            ++next[sorted[i].target - first];
        }
        std::uint64_t place = begin;
        for (std::size_t v = first; v < last; ++v) {
            lists.offsets[v] = place;
            place += next[v - first];
            next[v - first] = lists.offsets[v];
        }
        vertex* const neighbours = lists.neighbours.data();
        for (std::uint64_t i = begin; i < end; ++i) {
            neighbours[next[sorted[i].target - first]++] = sorted[i].source;
        }
    });
    return lists;
}

} // namespace social
