// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sha1.hpp"

#include "harness/spin.hpp"

#include <cmath>
#include <cstdint>

/// \file
/// Trees that exist only as a rule: a node tells how many children it has, and what each of them
/// is. Nobody can tell the size of a subtree without visiting it.

/// The splittable random numbers of the published trees: a state is a SHA-1 value, the state of a
/// child the hash of its parent's state and of its index, and the number of a state lies in its
/// last four bytes.
struct sha1_random {
    sha1_value state;

    static sha1_random of_seed(std::uint32_t seed) {
        return {sha1_of(std::array<std::uint32_t, 5>{0, 0, 0, 0, seed})};
    }

    sha1_random child(long index) const {
        const auto [a, b, c, d, e] = state;
        return {sha1_of(
            std::array<std::uint32_t, 6>{a, b, c, d, e, static_cast<std::uint32_t>(index)})};
    }

    /// From 0 to below 1, in steps of 2^-31.
    double number() const { return static_cast<double>(state[4] & 0x7fffffffU) * 0x1p-31; }
};

/// A geometric tree of the fixed shape: down to a depth, the numbers of children are distributed
/// geometrically with a mean of four.
struct geometric_tree {
    static constexpr double mean = 4;
    static constexpr std::uint32_t seed = 19;

    struct node {
        sha1_random random;
        std::int32_t depth;
        std::int32_t children;
    };

    std::int32_t depth;

    node make(const sha1_random& random, std::int32_t at) const {
        static const double log_of_failure = std::log(1 - 1 / (1 + mean));
        const double children =
            at < depth ? std::floor(std::log(1 - random.number()) / log_of_failure) : 0;
        return {random, at, static_cast<std::int32_t>(children)};
    }
    node root() const { return make(sha1_random::of_seed(seed), 0); }
    node child(const node& parent, long index) const {
        return make(parent.random.child(index), parent.depth + 1);
    }
};

/// A binomial tree: the root has many children and every other node eight, with a chance just
/// below one eighth, or none. The sizes of subtrees spread over all orders of magnitude.
struct binomial_tree {
    static constexpr std::int32_t branches = 8;
    static constexpr double chance = 0.124875;
    static constexpr std::uint32_t seed = 42;

    struct node {
        sha1_random random;
        std::int32_t children;
    };

    std::int32_t root_children;

    node root() const { return {sha1_random::of_seed(seed), root_children}; }
    node child(const node& parent, long index) const {
        const sha1_random random = parent.random.child(index);
        return {random, random.number() < chance ? branches : 0};
    }
};

/// A binomial tree whose hash costs a few ns, so that little but the search is measured.
struct quick_tree {
    static constexpr std::int32_t branches = 4;
    static constexpr double chance = 0.24995;

    struct node {
        std::uint64_t key;
        std::int32_t children;
    };

    std::int32_t root_children;

    node root() const { return {5, root_children}; }
    node child(const node& parent, long index) const {
        const std::uint64_t key =
            bench::scatter(parent.key * 31 + static_cast<std::uint64_t>(index) + 1);
        const double draw = static_cast<double>(key >> 11) * 0x1p-53;
        return {key, draw < chance ? branches : 0};
    }
};
