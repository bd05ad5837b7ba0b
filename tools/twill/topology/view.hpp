// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "topology/victims.hpp"
#include "topology/workers.hpp"

#include <string>
#include <vector>

namespace twill::tool {

/// The machine as the outputs need it.
struct machine_view {
    topology::worker_table table;
    topology::victim_policy policy;
};

/// As the environment asks for it, with the rule of TWILL_STEAL. Throws std::bad_alloc.
machine_view read_machine();

/// The workers that one looks at on one level.
struct seen_level {
    topology::level which;
    double share; ///< how often the level is drawn when all workers hold work
    std::vector<int> victims;
    std::string what; ///< what they have in common with the thief
    std::string why;  ///< why the level is drawn so often
};

/// Nearest first; levels without workers are left out.
std::vector<seen_level> order_of(const machine_view& view, int worker);

/// Workers that look for victims in the same way, themselves left out: they share L3 and node.
std::vector<std::vector<int>> groups_of(const machine_view& view);

/// How many different values a column has among the usable processors, none left out.
std::size_t distinct(const topology::table& machine, int topology::table_row::* column);

/// Ascending numbers as 0-3,8.
std::string ranges(std::vector<int> numbers);
std::string allowed_mask(const machine_view& view);
std::string excluded_mask(const machine_view& view);
/// How many processors that the program may not use have this node as their nearest.
std::size_t excluded_on(const machine_view& view, int node);
/// Text of others, which may hold anything, in printable ASCII.
std::string printable(std::string text);
/// TWILL_PLACES as it was taken.
std::string shown_places(const topology::places& wanted);

const char* name_of(topology::level which);
const char* name_of(topology::victim_rule rule);
const char* name_of(topology::core_kind kind);
const char* name_of(topology::memory_kind kind);
/// 16 GiB, or "" for none.
std::string shown_bytes(std::uint64_t bytes);

} // namespace twill::tool
