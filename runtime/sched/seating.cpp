// SPDX-License-Identifier: Apache-2.0
#include "sched/seating.hpp"

namespace twill::sched {

// Every segment of the table may have a stray at first: who finds none there says so.
seating::seating(std::span<const topology::table_row> places, topology::victim_rule rule)
    : policy_(places, rule), seats_(std::make_unique<seat[]>(places.size())), with_public_(policy_),
      running_(policy_), with_spares_(policy_),
      strays_(static_cast<int>(thread_table::segments_max), ~std::uint64_t{0}) {
    for (int place = 0; place < policy_.workers(); ++place) {
        const int cpu = places[static_cast<std::size_t>(place)].pu;
        if (cpu < 0) {
            continue;
        }
        if (cpu >= static_cast<int>(by_cpu_.size())) {
            by_cpu_.resize(static_cast<std::size_t>(cpu) + 1, -1);
        }
        int& at = by_cpu_[static_cast<std::size_t>(cpu)];
        at = at < 0 ? place : at;
    }
}

} // namespace twill::sched
