// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "topology/source.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace twill::topology {

/// What a core is on a machine that has cores of several kinds; `unknown` where all are of one
/// kind, or nobody says which kind is the faster one.
enum class core_kind { unknown, performance, efficient };

/// Stands for what a machine does not have.
inline constexpr int none = -1;

/// A processor (PU: what the kernel calls a CPU) and where it is. `pu` and `node` are the kernel's
/// numbers, since binds go by them; the others count from 0 in the order in which the machine is
/// laid out, and are none where the machine has no such thing.
struct table_row {
    int pu = none;
    int core = none;
    int l2 = none;
    int l3 = none;
    int node = none; ///< the nearest node of ordinary memory
    int package = none;
    core_kind kind = core_kind::unknown;
    int smt = 0; ///< how many processors of its core come before it

    bool operator==(const table_row&) const = default;
};

/// What a NUMA node holds.
enum class memory_kind {
    ordinary,
    missing, ///< nothing: a node of processors alone
    special, ///< high-bandwidth, persistent, or of a device
};

struct memory_node {
    int node = none; ///< the kernel's number
    memory_kind kind = memory_kind::ordinary;
    std::string type; ///< what the machine calls the memory, as HBM; may be empty
    std::uint64_t bytes = 0;
    int processors = 0; ///< how many rows have it as their node

    bool operator==(const memory_node&) const = default;
};

/// The machine as a read-only table.
struct table {
    /// The processors that may be used, in the order in which workers take them: one of each core
    /// before its siblings, of these the faster kinds of cores before the slower ones, and of
    /// these as the machine is laid out, so that workers with neighbouring numbers are near.
    std::vector<table_row> rows;
    /// The processors that the system keeps from this program (mask, cpuset), as laid out.
    std::vector<table_row> excluded;
    std::vector<int> offline; ///< the kernel's numbers of processors that are switched off
    std::vector<memory_node> nodes;
};

/// Reads a machine's description by hwloc. Nothing, and the reason in `why`, if hwloc refuses it
/// or there is no memory; no line on stderr. Of the machine itself only the processors in the
/// calling thread's affinity mask count as usable. Milliseconds for the machine, and for the first
/// one that loads hwloc.
std::optional<table> read_table(const source& from, std::string& why) noexcept;

/// In the child of a fork(): if the parent was reading a table at that moment, what hwloc has left
/// in the middle is not touched, and no table is read any more.
void forget_hwloc_in_child() noexcept;

} // namespace twill::topology
