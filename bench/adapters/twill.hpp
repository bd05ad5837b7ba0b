// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <twill/twill.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

namespace bench::runtime {

inline constexpr const char* name = "twill";

struct session {
    explicit session(int workers) {
        if (workers > 0) {
            setenv("TWILL_WORKERS", std::to_string(workers).c_str(), 1);
        }
    }
};
inline int workers(int /*asked*/) { return twill::worker_count(); }

template <class Body>
void enter(const Body& body) {
    body();
}

template <class Body>
void within(const Body& body) {
    twill::parallel_for(0, 1, [&](int) { body(); });
}

using counters = twill::load_snapshot;
inline counters read_counters() { return twill::load(); }
inline void print_counters(const counters& before, const counters& after) {
    const twill::worker_load sum = (after - before).total();
    const auto print = [](const char* key, std::uint64_t value, const char* end) {
        std::printf("\"%s\": %llu%s", key, static_cast<unsigned long long>(value), end);
    };
    print("published", sum.published, ", ");
    print("taken_back", sum.taken_back, ", ");
    print("stolen", sum.stolen, ", ");
    print("leapfrogged", sum.leapfrogged, ", ");
    print("polls", sum.polls, ", ");
    print("joins_blocked", sum.joins_blocked, ", ");
    print("handed_over", sum.handed_over, ", ");
    print("parks", sum.parks, ", ");
    print("wakes", sum.wakes, ", ");
    print("threads_created", after.since_start.total().threads, "");
}

template <class F, class G>
[[gnu::always_inline]] inline auto invoke(F&& f, G&& g) {
    return twill::parallel_invoke(std::forward<F>(f), std::forward<G>(g));
}

using group = twill::task_group;

template <class First, class Last, class Body>
[[gnu::always_inline]] inline void for_each(First first, Last last, const Body& body) {
    twill::parallel_for(first, last, body);
}

template <class First, class Last, class Body>
[[gnu::always_inline]] inline void for_blocks(First first, Last last, const Body& body) {
    twill::parallel_for_blocks(first, last, body);
}

template <class First, class Last, class Value, class Map, class Combine>
[[gnu::always_inline]] inline Value reduce(First first, Last last, Value value, const Map& map,
                                           const Combine& combine) {
    return twill::parallel_reduce(first, last, value, map, combine);
}

} // namespace bench::runtime
