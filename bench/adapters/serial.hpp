// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adapters/element.hpp"

#include <tuple>
#include <type_traits>
#include <utility>

namespace bench::runtime {

#if defined(BENCH_SERIAL_BEST)
inline constexpr const char* name = "serial-best";
#else
inline constexpr const char* name = "serial";
#endif

/// The runtime's life; `workers` of 0 leaves the number to the runtime.
struct session {
    explicit session(int /*workers*/) {}
};
inline int workers(int /*asked*/) { return 1; }

/// Runs the operation that is timed, inside a parallel region where the runtime wants one.
template <class Body>
void enter(const Body& body) {
    body();
}

/// A serial part of the operation that calls loop after loop: as one task where that spares each of
/// them the entry.
template <class Body>
void within(const Body& body) {
    body();
}

/// What the runtime counts about itself.
struct counters {};
inline counters read_counters() { return {}; }
inline void print_counters(const counters& /*before*/, const counters& /*after*/) {}

/// Fork and join: void when both are, else a tuple of the two values.
template <class F, class G>
[[gnu::always_inline]] inline auto invoke(F&& f, G&& g) {
    if constexpr (std::is_void_v<std::invoke_result_t<F&>>) {
        f();
        g();
    } else {
        auto first = f();
        auto second = g();
        return std::tuple(std::move(first), std::move(second));
    }
}

/// A group of tasks.
struct group {
    template <class Task>
    void run(Task&& task) {
        task();
    }
    void wait() {}
};

template <class First, class Last, class Body>
[[gnu::always_inline]] inline void for_each(First first, Last last, const Body& body) {
    for (; first != last; ++first) {
        body(element(first));
    }
}

/// body(begin, end) for consecutive blocks.
template <class First, class Last, class Body>
[[gnu::always_inline]] inline void for_blocks(First first, Last last, const Body& body) {
    if (first != last) {
        body(first, First(last));
    }
}

template <class First, class Last, class Value, class Map, class Combine>
[[gnu::always_inline]] inline Value reduce(First first, Last last, Value value, const Map& map,
                                           const Combine& combine) {
    for (; first != last; ++first) {
        value = combine(std::move(value), map(element(first)));
    }
    return value;
}

} // namespace bench::runtime
