// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "topology/table.hpp"
#include "topology/victims.hpp"

#include <array>
#include <cstdint>
#include <span>

namespace twill::testing_support {

/// How victims are drawn: by the production policy, or strictly the nearest level that holds
/// somebody.
enum class spread_rule { uniform, level, nearest };

/// What things cost, in nanoseconds.
struct spread_costs {
    std::int64_t strand = 5000;
    std::array<std::int64_t, topology::levels> steal{200, 500, 1500}; ///< by level, failed ones too
    std::int64_t look = 100; ///< of a worker that sees nobody with work, until its next look
};

struct spread_result {
    double makespan = 0; ///< microseconds
    double ideal = 0;    ///< microseconds: the best that there is if a steal costs nothing
    std::int64_t steals = 0;
    std::int64_t far_steals = 0; ///< from another node and L3
    std::int64_t failed = 0;     ///< somebody else was there first
    std::int64_t looks = 0;      ///< draws, those that find nobody included
    std::int64_t words = 0;      ///< of bits, that draws read
    std::int64_t strands = 0;
};

/// Spreads a balanced binary tree over virtual workers, on one thread and the same each time.
///
/// A strand of every node of the tree, `depth` levels below the root; it ends by leaving one child
/// in the worker's deque, where thieves see it, and going on with the other. A worker without a
/// child takes its newest one back, else it looks for a victim, pays for the way there, and takes
/// the victim's oldest one if it still has any. Joins cost nothing.
spread_result spread_of(std::span<const topology::table_row> workers, spread_rule rule, int depth,
                        std::uint64_t seed, const spread_costs& costs = {});

} // namespace twill::testing_support
