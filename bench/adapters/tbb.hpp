// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adapters/element.hpp"

#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/info.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/parallel_invoke.h>
#include <oneapi/tbb/parallel_reduce.h>
#include <oneapi/tbb/task_group.h>

#include <cstddef>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace bench::runtime {

inline constexpr const char* name = "tbb";

struct session {
    explicit session(int workers) {
        if (workers > 0) {
            limit.emplace(tbb::global_control::max_allowed_parallelism,
                          static_cast<std::size_t>(workers));
        }
    }
    std::optional<tbb::global_control> limit;
};
inline int workers(int asked) { return asked > 0 ? asked : tbb::info::default_concurrency(); }

template <class Body>
void enter(const Body& body) {
    body();
}

struct counters {};
inline counters read_counters() { return {}; }
inline void print_counters(const counters& /*before*/, const counters& /*after*/) {}

using group = tbb::task_group;

template <class F, class G>
inline auto invoke(F&& f, G&& g) {
    if constexpr (std::is_void_v<std::invoke_result_t<F&>>) {
        tbb::parallel_invoke(f, g);
    } else {
        std::tuple<std::invoke_result_t<F&>, std::invoke_result_t<G&>> values;
        tbb::parallel_invoke([&] { std::get<0>(values) = f(); },
                             [&] { std::get<1>(values) = g(); });
        return values;
    }
}

template <class First, class Last, class Body>
inline void for_each(First first, Last last, const Body& body) {
    tbb::parallel_for(tbb::blocked_range<First>(first, last),
                      [&](const tbb::blocked_range<First>& range) {
                          for (First i = range.begin(); i != range.end(); ++i) {
                              body(element(i));
                          }
                      });
}

template <class First, class Last, class Body>
inline void for_blocks(First first, Last last, const Body& body) {
    tbb::parallel_for(
        tbb::blocked_range<First>(first, last),
        [&](const tbb::blocked_range<First>& range) { body(range.begin(), range.end()); });
}

template <class First, class Last, class Value, class Map, class Combine>
inline Value reduce(First first, Last last, Value value, const Map& map, const Combine& combine) {
    return tbb::parallel_reduce(
        tbb::blocked_range<First>(first, last), value,
        [&](const tbb::blocked_range<First>& range, Value sum) {
            for (First i = range.begin(); i != range.end(); ++i) {
                sum = combine(std::move(sum), map(element(i)));
            }
            return sum;
        },
        combine);
}

} // namespace bench::runtime
