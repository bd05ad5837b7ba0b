// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adapters/adapter.hpp"

#include <utility>

namespace bench {

/// The loops that the algorithms of apps/social are templates over.
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
};

} // namespace bench
