// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "topology/places.hpp"
#include "topology/source.hpp"
#include "topology/table.hpp"
#include "topology/victims.hpp"

#include <optional>
#include <span>
#include <vector>

namespace twill::topology {

/// The machine and the workers on it, as the environment asks for them.
struct worker_table {
    source from;
    table machine;
    places wanted;
    double quota = 0; ///< in CPUs; 0 is none, as under a described machine
    /// A row for each place that a worker may have, in the order of the workers.
    std::vector<table_row> choice;
    /// A row for each worker. With more workers than places these are taken in turn again.
    std::vector<table_row> workers;
};

/// By TWILL_TOPOLOGY, TWILL_PLACES, TWILL_WORKERS, and for the machine itself the CPU quota and the
/// calling thread's affinity mask. What is no allowed value, or not what hwloc takes, is one line
/// on stderr and counts as unset; a machine that hwloc cannot read has a row for each processor of
/// the mask and nothing else in it. Throws std::bad_alloc.
worker_table workers_from_environment();

/// The same for a scheduler, which asks before its first thread: nothing unless TWILL_TOPOLOGY
/// describes a machine or TWILL_PLACES places, since all else waits until there is time. Nothing
/// without memory.
std::optional<worker_table> workers_described() noexcept;

/// The same for another number of workers on that machine. Throws std::bad_alloc.
worker_table with_workers(const worker_table& on, int workers);

/// For a scheduler of so many workers, on the machine itself: where they are if each takes the next
/// processor of the calling thread's mask, or of `cores` if there are some. Nothing, and no line,
/// if hwloc cannot tell, or without memory.
std::optional<worker_table> workers_on_machine(int workers, std::span<const int> cores) noexcept;

/// The rule of TWILL_STEAL (uniform or level); a bad value is told once and is level.
victim_rule victim_rule_from_environment() noexcept;

} // namespace twill::topology
