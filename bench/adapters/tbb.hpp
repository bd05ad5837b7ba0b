// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adapters/element.hpp"

#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/info.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/parallel_invoke.h>
#include <oneapi/tbb/parallel_reduce.h>
#include <oneapi/tbb/partitioner.h>
#include <oneapi/tbb/task_group.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace bench::runtime {

inline constexpr const char* name = "tbb";

enum class partitioner { automatic, simple, fixed, affinity };

/// What BENCH_TBB_PARTITIONER says. An affinity_partitioner remembers a loop from one time to the
/// next and must not be in two loops at once, so only FLAT kernels can have one.
inline partitioner read_partitioner() {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets a variable
    const char* const given = std::getenv("BENCH_TBB_PARTITIONER");
    if (given == nullptr || std::strcmp(given, "auto") == 0) {
        return partitioner::automatic;
    }
    if (std::strcmp(given, "simple") == 0) {
        return partitioner::simple;
    }
    if (std::strcmp(given, "static") == 0) {
        return partitioner::fixed;
    }
#if defined(BENCH_FLAT)
    if (std::strcmp(given, "affinity") == 0) {
        return partitioner::affinity;
    }
    constexpr const char* choice = "auto, simple, static or affinity";
#else
    constexpr const char* choice = "auto, simple or static (affinity only for flat loops)";
#endif
    std::fprintf(stderr, "BENCH_TBB_PARTITIONER: expected %s, got \"%s\"\n", choice, given);
    // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread is started
    std::exit(2);
}

inline partitioner chosen_partitioner() {
    static const partitioner chosen = read_partitioner();
    return chosen;
}

/// Runs a loop with the chosen partitioner. `Loop` is a type of its own for each loop of the
/// program, and so is the affinity_partitioner.
template <class Loop>
inline auto with_partitioner(const Loop& loop) {
    switch (chosen_partitioner()) {
    case partitioner::simple:
        return loop(tbb::simple_partitioner());
    case partitioner::fixed:
        return loop(tbb::static_partitioner());
#if defined(BENCH_FLAT)
    case partitioner::affinity: {
        static tbb::affinity_partitioner remembered;
        return loop(remembered);
    }
#endif
    default:
        return loop(tbb::auto_partitioner());
    }
}

struct session {
    explicit session(int workers) {
        chosen_partitioner();
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

template <class Body>
void within(const Body& body) {
    body();
}

struct counters {};
inline counters read_counters() { return {}; }
inline void print_counters(const counters& /*before*/, const counters& /*after*/) {
    constexpr const char* names[] = {"auto", "simple", "static", "affinity"};
    std::printf("\"partitioner\": \"%s\"", names[static_cast<int>(chosen_partitioner())]);
}

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
    with_partitioner([&](auto&& partition) {
        tbb::parallel_for(
            tbb::blocked_range<First>(first, last),
            [&](const tbb::blocked_range<First>& range) {
                for (First i = range.begin(); i != range.end(); ++i) {
                    body(element(i));
                }
            },
            partition);
    });
}

template <class First, class Last, class Body>
inline void for_blocks(First first, Last last, const Body& body) {
    with_partitioner([&](auto&& partition) {
        tbb::parallel_for(
            tbb::blocked_range<First>(first, last),
            [&](const tbb::blocked_range<First>& range) { body(range.begin(), range.end()); },
            partition);
    });
}

template <class First, class Last, class Value, class Map, class Combine>
inline Value reduce(First first, Last last, Value value, const Map& map, const Combine& combine) {
    return with_partitioner([&](auto&& partition) {
        return tbb::parallel_reduce(
            tbb::blocked_range<First>(first, last), value,
            [&](const tbb::blocked_range<First>& range, Value sum) {
                for (First i = range.begin(); i != range.end(); ++i) {
                    sum = combine(std::move(sum), map(element(i)));
                }
                return sum;
            },
            combine, partition);
    });
}

} // namespace bench::runtime
