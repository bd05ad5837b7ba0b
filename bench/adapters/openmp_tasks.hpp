// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// OpenMP for kernels that fork, or whose loops stand within one another: one thread of a parallel
/// region enters, and all the rest is tasks.

#include "adapters/element.hpp"

#include <algorithm>
#include <cstdlib>
#include <omp.h>
#include <tuple>
#include <type_traits>
#include <utility>

namespace bench::runtime {

template <class Body>
void enter(const Body& body) {
#pragma omp parallel
#pragma omp single
    body();
}

template <class F, class G>
inline auto invoke(F&& f, G&& g) {
    if constexpr (std::is_void_v<std::invoke_result_t<F&>>) {
#pragma omp task shared(f)
        f();
        g();
#pragma omp taskwait
    } else {
        std::tuple<std::invoke_result_t<F&>, std::invoke_result_t<G&>> values;
#pragma omp task shared(f, values)
        std::get<0>(values) = f();
        std::get<1>(values) = g();
#pragma omp taskwait
        return values;
    }
}

/// The tasks are children of the task that runs them, so wait() is a taskwait, and it waits for the
/// children of all groups of that task.
struct group {
    template <class Task>
    void run(Task&& task) {
        auto own = std::forward<Task>(task);
#pragma omp task firstprivate(own)
        own();
    }
    void wait() {
#pragma omp taskwait
    }
};

/// How many tasks a loop becomes: as many as threads, as `taskloop` has it by itself in libgomp, or
/// a multiple of that.
inline long tasks_of_loop() {
    static const long multiple = [] {
        // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets a variable
        const char* const given = std::getenv("BENCH_OPENMP_TASKS");
        return given != nullptr ? std::max(1L, std::atol(given)) : 1L;
    }();
    return multiple * omp_get_num_threads();
}

// clang counts a taskloop without a sign, whatever its variable is, and warns of it.
#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wsign-conversion"
#pragma clang diagnostic ignored "-Wsign-compare"
#endif

template <class First, class Last, class Body>
inline void for_each(First first, Last last, const Body& body) {
    const long count = count_between(first, First(last));
#pragma omp taskloop shared(body) firstprivate(first) num_tasks(tasks_of_loop())
    for (long i = 0; i < count; ++i) {
        body(element(advanced(first, i)));
    }
}

template <class First, class Last, class Body>
inline void for_blocks(First first, Last last, const Body& body) {
    const long count = count_between(first, First(last));
    const long blocks = std::min(count, tasks_of_loop());
#pragma omp taskloop shared(body) firstprivate(first) num_tasks(std::max(1L, blocks))
    for (long i = 0; i < blocks; ++i) {
        body(advanced(first, count * i / blocks), advanced(first, count * (i + 1) / blocks));
    }
}

#if defined(__clang__)
#pragma clang diagnostic pop
#endif

template <class First, class Value, class Map, class Combine>
Value reduce_halves(First first, long count, long tasks, const Value& value, const Map& map,
                    const Combine& combine) {
    if (count < 2 || tasks < 2) {
        Value sum = value;
        for (long i = 0; i < count; ++i) {
            sum = combine(std::move(sum), map(element(advanced(first, i))));
        }
        return sum;
    }
    const long half = count / 2;
    Value left = value;
#pragma omp task shared(left, value, map, combine) firstprivate(first)
    left = reduce_halves(first, half, tasks / 2, value, map, combine);
    Value right =
        reduce_halves(advanced(first, half), count - half, tasks - tasks / 2, value, map, combine);
#pragma omp taskwait
    return combine(std::move(left), std::move(right));
}

/// `taskloop reduction` does not know the operation and keeps a value for each thread in a table;
/// halves that return theirs cost less.
template <class First, class Last, class Value, class Map, class Combine>
inline Value reduce(First first, Last last, Value value, const Map& map, const Combine& combine) {
    return reduce_halves(first, count_between(first, First(last)), tasks_of_loop(), value, map,
                         combine);
}

} // namespace bench::runtime
