// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "topology/table.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace twill::topology {

/// Which processors get a place, that is a worker each.
enum class places_kind {
    processors, ///< every one that may be used
    cores,      ///< one a core
    l3,         ///< one an L3 cache
    nodes,      ///< one a NUMA node
    list,       ///< those named
};

struct places {
    places_kind kind = places_kind::processors;
    std::vector<int> list; ///< the kernel's numbers, in the order of the workers

    bool operator==(const places&) const = default;
};

/// What expected values look like, for messages.
inline constexpr const char* places_forms = "cores, l3, nodes or a list of CPUs like 0-3,8";

/// `cores`, `l3`, `nodes`, or numbers and ascending ranges between commas (0-3,8), each number from
/// 0 to 1048575, once, and max_workers of them at the most. Nothing for anything else, blanks and
/// signs included.
std::optional<places> parse_places(std::string_view value);

/// The rows that get a worker each, in the order of the workers: those of the table, or as listed.
/// Nothing, and the reason in `why`, if a listed processor may not be used, or the machine does not
/// have what is asked for.
std::optional<std::vector<table_row>> placed(const table& machine, const places& wanted,
                                             std::string& why);

} // namespace twill::topology
