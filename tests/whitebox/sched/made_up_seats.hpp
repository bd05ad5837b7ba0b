// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sched/seating.hpp"
#include "topology/table.hpp"

#include <memory>
#include <vector>

namespace twill::testing_support {

/// Places on a machine of made-up nodes of two L3 caches each, `cores` cores for each cache.
inline std::vector<topology::table_row> rows_of(int places, int cores) {
    std::vector<topology::table_row> rows(static_cast<std::size_t>(places));
    for (int k = 0; k < places; ++k) {
        topology::table_row& row = rows[static_cast<std::size_t>(k)];
        row.pu = k;
        row.core = k;
        row.l3 = k / cores;
        row.node = row.l3 / 2;
    }
    return rows;
}

inline std::unique_ptr<sched::seating>
seats_of(int places, int cores, topology::victim_rule rule = topology::victim_rule::level) {
    return std::make_unique<sched::seating>(rows_of(places, cores), rule);
}

} // namespace twill::testing_support
