// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "in_order.hpp"

#include <twill/twill.hpp>

#include <cstddef>
#include <utility>

namespace social {

/// The loops of the serial version.
struct serial_loops {
    static constexpr const char* name = "serial";

    /// body(i) for every i in [0, count).
    template <class Index, class Body>
    static void for_each(Index count, const Body& body) {
        for (Index i = 0; i < count; ++i) {
            body(i);
        }
    }

    /// The sum of map(i) over [0, count) by combine.
    template <class Index, class Value, class Map, class Combine>
    static Value reduce(Index count, Value identity, const Map& map, const Combine& combine) {
        Value sum = std::move(identity);
        for (Index i = 0; i < count; ++i) {
            sum = combine(std::move(sum), map(i));
        }
        return sum;
    }

    /// The same, where neighbours in [0, count) share what they read.
    template <class Value, class Map, class Combine>
    static Value reduce_in_order(std::size_t count, Value identity, const Map& map,
                                 const Combine& combine) {
        return reduce(count, std::move(identity), map, combine);
    }
};

/// The same names over Twill.
struct twill_loops {
    static constexpr const char* name = "twill";

    template <class Index, class Body>
    static void for_each(Index count, const Body& body) {
        twill::parallel_for(Index{0}, count, body);
    }

    template <class Index, class Value, class Map, class Combine>
    static Value reduce(Index count, Value identity, const Map& map, const Combine& combine) {
        return twill::parallel_reduce(Index{0}, count, std::move(identity), map, combine);
    }

    /// The order in which values are combined is not fixed, so `combine` must be exact.
    template <class Value, class Map, class Combine>
    static Value reduce_in_order(std::size_t count, Value identity, const Map& map,
                                 const Combine& combine) {
        in_order rest(count);
        return twill::parallel_reduce(
            0, twill::worker_count(), identity,
            [&](int /*taker*/) {
                Value sum = identity;
                rest.take([&](std::size_t i) { sum = combine(std::move(sum), map(i)); });
                return sum;
            },
            combine);
    }
};

} // namespace social
