// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sched/core_speeds.hpp"
#include "topology/table.hpp"
#include "topology/victims.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace twill::testing_support {

/// How a loop over a blocked numa_vector is launched: as production does it, or as any other loop,
/// whose rest is halved for whoever steals it.
enum class loop_rule { placed, plain };

/// What things cost, in nanoseconds.
struct loop_costs {
    std::int64_t element = 100; ///< wherever it lies
    std::int64_t block = 4000;  ///< between two looks of a piece whether somebody wants work
    std::int64_t post = 50;     ///< to put one, of the launcher
    std::int64_t take = 200;    ///< to take one out of the own mailbox
    std::int64_t claim = 50;    ///< of a part
    std::array<std::int64_t, topology::levels> steal{200, 500, 1500}; ///< by level
    std::int64_t look = 100;         ///< of a worker that finds nothing, until its next look
    std::int64_t hand_over = 15'000; ///< from a launcher that waits to somebody on its place
};

/// Who is not as the others are.
struct disturbance {
    int node = -1;        ///< whose workers run at `speed`; -1: nobody's
    double speed = 0;     ///< a share of the usual one; 0: they do nothing at all
    double uneven = 0;    ///< each stretch of 64 elements takes up to so much more or less
    double efficient = 1; ///< efficient cores run at that share of the usual speed
};

struct loop_result {
    double makespan = 0; ///< microseconds
    double ideal = 0;    ///< microseconds: the work, shared by all as fast as they are
    std::int64_t elements = 0;
    std::int64_t local = 0;     ///< elements that ran on the node where they lie
    std::int64_t at_home = 0;   ///< of these, those that ran on the place whose part they are
    std::int64_t own_posts = 0; ///< taken out of the own mailbox
    std::int64_t steals = 0;    ///< of halves of a piece that runs
    std::int64_t failed = 0;    ///< on arrival there was too little left
    std::vector<std::uint16_t> ran_on; ///< the place, by element
};

/// Runs one loop over `elements_a_worker` elements of 8 bytes for each worker on virtual workers,
/// on one thread and the same each time. Partition, parts, claims, mailboxes and the draw of
/// victims are production's. Worker 0 launches; all others look for work from the beginning. Parts
/// go by `speeds`, which counts the loop, in nanoseconds; null: by equal shares.
loop_result loop_over(std::span<const topology::table_row> workers, loop_rule rule,
                      std::size_t elements_a_worker, std::uint64_t seed, const disturbance& by = {},
                      const loop_costs& costs = {}, sched::core_speeds* speeds = nullptr);

} // namespace twill::testing_support
