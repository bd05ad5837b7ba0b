// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "profile/profile.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace twill::tool {

/// Steals, and parts of placed loops, by where they were. A count that the file lacks, being older
/// than the count, is absent.
struct by_level {
    std::optional<std::uint64_t> local;     ///< steals on the worker's own NUMA node
    std::optional<std::uint64_t> remote;    ///< from another one
    std::optional<std::uint64_t> placed;    ///< parts that ran on the node of their elements
    std::optional<std::uint64_t> displaced; ///< elsewhere
    // Of thief and victim, what their workers share of L3 cache and NUMA node:
    std::optional<std::uint64_t> near;   ///< steals at which it is both
    std::optional<std::uint64_t> middle; ///< one of them
    std::optional<std::uint64_t> far;    ///< neither

    /// A machine with one node has none of this.
    [[nodiscard]] bool any_by_node() const noexcept {
        return remote.value_or(0) > 0 || placed.value_or(0) > 0 || displaced.value_or(0) > 0;
    }
    /// One with one L3 cache, too, has one level.
    [[nodiscard]] bool several_levels() const noexcept {
        return middle.value_or(0) > 0 || far.value_or(0) > 0;
    }
};

/// Of some of the workers in `of`, which are added up.
by_level by_level_of(const profile::profile& of, const std::vector<profile::worker>& workers);

/// By node and by level a line for each worker of the default runtime; nothing if all workers have
/// none of it.
std::string levels_table(const profile::profile& of);

/// The same of the workers of another runtime together, a line each.
std::string levels_lines(const profile::profile& of, const std::vector<profile::worker>& workers);

} // namespace twill::tool
