// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adapters/adapter.hpp"

#if defined(BENCH_RUNTIME_TWILL)
#include "../apps/social/loops.hpp"
#else
#include <cstddef>
#include <utility>
#endif

namespace bench {

/// The loops that the algorithms of apps/social are templates over: for Twill its own.
#if defined(BENCH_RUNTIME_TWILL)
using runtime_loops = social::twill_loops;
#else
struct runtime_loops {
    /// body(i) for every i in [0, count).
    template <class Index, class Body>
    static void for_each(Index count, const Body& body) {
        runtime::for_each(Index{0}, count, body);
    }

    /// The sum of map(i) over [0, count) by combine.
    template <class Index, class Value, class Map, class Combine>
    static Value reduce(Index count, Value identity, const Map& map, const Combine& combine) {
        return runtime::reduce(Index{0}, count, std::move(identity), map, combine);
    }

    /// The order is that of the schedule that the peer runs with.
    template <class Value, class Map, class Combine>
    static Value reduce_in_order(std::size_t count, Value identity, const Map& map,
                                 const Combine& combine) {
        return reduce(count, std::move(identity), map, combine);
    }
};
#endif

} // namespace bench
