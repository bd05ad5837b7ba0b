// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sched/core_speeds.hpp"
#include "topology/table.hpp"
#include "topology/victims.hpp"
#include "topology/worker_bits.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace twill::testing_support {

/// How a loop over a blocked numa_vector is launched: as production does it, or as any other loop,
/// whose rest is halved for whoever steals it.
enum class loop_rule { placed, plain };

/// How all but the launcher begin: they look for work already, or sleep where they sat last.
enum class at_first { awake, asleep };

/// One run of the driver.
struct loop_run {
    loop_rule loop = loop_rule::placed;
    spread_rule victims = spread_rule::level;
    at_first others = at_first::awake;
    std::size_t elements_a_worker = 8192; ///< of 8 bytes
    std::uint64_t seed = 1;
};

/// What things cost, in nanoseconds.
struct loop_costs {
    std::int64_t element = 100; ///< wherever it lies
    std::int64_t block = 4000;  ///< between two looks of a piece whether somebody wants work
    std::int64_t post = 50;     ///< to put one, of the launcher
    std::int64_t take = 200;    ///< to take one out of the own mailbox
    std::int64_t claim = 50;    ///< of a part
    /// By level; so much to take a post out of another mailbox, and to ask, too.
    std::array<std::int64_t, topology::levels> steal{200, 500, 1500};
    std::int64_t look = 100;         ///< from a search that found nothing to the next one
    std::int64_t wake = 5000;        ///< until who is woken looks for work
    std::int64_t wake_call = 1000;   ///< of its waker
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
    std::int64_t failed = 0;    ///< on arrival there was nothing left
    std::int64_t looks = 0;     ///< searches
    std::int64_t words = 0;     ///< of bits, that these read
    std::vector<int> woken;     ///< places of those that were woken, in that order
    std::vector<std::uint16_t> ran_on; ///< the place, by element
};

/// Runs one loop on virtual workers, on one thread and the same each time. Partition, parts,
/// claims, mailboxes, deques, bits, the draw of victims, whom a search asks, when somebody is woken
/// and who that is, are production's. Worker 0 launches. A piece that runs is asked for work, and
/// gives the upper half of its rest at the end of its block; joins cost nothing, and who has been
/// woken stays awake. Parts go by `speeds`, which counts the loop, in nanoseconds; null: by equal
/// shares.
loop_result loop_over(std::span<const topology::table_row> workers, const loop_run& how,
                      const disturbance& by = {}, sched::core_speeds* speeds = nullptr,
                      const loop_costs& costs = {});

} // namespace twill::testing_support
