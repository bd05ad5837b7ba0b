// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "topology/table.hpp"
#include "topology/victims.hpp"
#include "topology/worker_bits.hpp"

#include <array>
#include <cstdint>
#include <span>

namespace twill::testing_support {

/// What things cost, in nanoseconds.
struct spread_costs {
    std::int64_t strand = 5000;
    /// By level; a victim that has nothing left costs the same, and so does asking.
    std::array<std::int64_t, topology::levels> steal{200, 500, 1500};
    std::int64_t look = 100; ///< from a search that found nothing to the next one
};

struct spread_result {
    double makespan = 0; ///< microseconds
    double ideal = 0;    ///< microseconds: the best that there is if a steal costs nothing
    std::int64_t steals = 0;
    std::int64_t far_steals = 0; ///< from another node and L3
    std::int64_t failed = 0;     ///< the victim had nothing left
    std::int64_t looks = 0;      ///< draws, those that find nobody included
    std::int64_t asks = 0;       ///< of running workers for work
    std::int64_t words = 0;      ///< of bits, that draws read
    std::int64_t strands = 0;
};

/// Spreads a balanced binary tree over virtual workers, on one thread and the same each time.
/// Deques, bits, draws, how many victims a search looks at, and whom it then asks, are
/// production's.
///
/// A strand of every node of the tree, `depth` levels below the root; it ends by forking one child,
/// which only the worker itself knows, and going on with the other. If it has been asked meanwhile,
/// it then makes all such children public, for any thief. A worker without a strand takes its
/// newest child back, else it pays for the way to a victim and takes the oldest public child if
/// there is one left. If not, it pays for the way to a running worker and asks it, and if others
/// have done so already, one that is farther away. Joins cost nothing.
spread_result spread_of(std::span<const topology::table_row> workers, spread_rule rule, int depth,
                        std::uint64_t seed, const spread_costs& costs = {});

} // namespace twill::testing_support
