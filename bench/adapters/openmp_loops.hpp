// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// OpenMP for FLAT kernels: each loop is a `parallel for`. OMP_SCHEDULE chooses the schedule. There
/// is no `invoke` and no `group`: outside of a parallel region OpenMP's tasks run at once.

#include "adapters/element.hpp"

#include <algorithm>
#include <omp.h>
#include <utility>

namespace bench::runtime {

template <class Body>
void enter(const Body& body) {
    body();
}

struct loop_schedule {
    omp_sched_t kind = omp_sched_static;
    int chunk = 0;

    loop_schedule() { omp_get_schedule(&kind, &chunk); }

    /// One block for each thread. Compilers make better loops of it where they know, so these are
    /// written apart from what is chosen at run time.
    bool even() const {
        constexpr auto modifier = static_cast<unsigned>(omp_sched_monotonic);
        return (static_cast<unsigned>(kind) & ~modifier) == omp_sched_static && chunk <= 0;
    }
};

template <class First, class Last, class Body>
inline void for_each(First first, Last last, const Body& body) {
    const long count = count_between(first, First(last));
    // NOLINTNEXTLINE(bugprone-branch-clone): the schedules differ
    if (loop_schedule().even()) {
#pragma omp parallel for schedule(static) firstprivate(first)
        for (long i = 0; i < count; ++i) {
            body(element(advanced(first, i)));
        }
    } else {
#pragma omp parallel for schedule(runtime) firstprivate(first)
        for (long i = 0; i < count; ++i) {
            body(element(advanced(first, i)));
        }
    }
}

/// With a schedule that is not even a block has as many elements as its chunk, and where that is
/// one, which is what `dynamic` and `guided` mean by themselves, there are 32 blocks a thread.
template <class First, class Last, class Body>
inline void for_blocks(First first, Last last, const Body& body) {
    const long count = count_between(first, First(last));
    const loop_schedule schedule;
    if (schedule.even()) {
#pragma omp parallel firstprivate(first)
        {
            const long part = omp_get_thread_num();
            const long parts = omp_get_num_threads();
            const long begin = count * part / parts;
            const long end = count * (part + 1) / parts;
            if (begin != end) {
                body(advanced(first, begin), advanced(first, end));
            }
        }
    } else {
        const long even = count / (32L * omp_get_max_threads());
        const long size = schedule.chunk > 1 ? schedule.chunk : std::max(1L, even);
        const long blocks = (count + size - 1) / size;
        omp_set_schedule(schedule.kind, 1);
#pragma omp parallel for schedule(runtime) firstprivate(first)
        for (long i = 0; i < blocks; ++i) {
            body(advanced(first, i * size), advanced(first, std::min(count, (i + 1) * size)));
        }
        omp_set_schedule(schedule.kind, schedule.chunk);
    }
}

/// What `reduction` makes of a loop, with an operation that it does not know: a value of its own
/// for each thread, and these put together one by one.
// NOLINTBEGIN(bugprone-use-after-move): what is moved from is assigned again
template <class First, class Last, class Value, class Map, class Combine>
inline Value reduce(First first, Last last, Value value, const Map& map, const Combine& combine) {
    const long count = count_between(first, First(last));
    const bool even = loop_schedule().even();
    Value sum = value;
#pragma omp parallel firstprivate(first, value)
    {
        // NOLINTNEXTLINE(bugprone-branch-clone): the schedules differ
        if (even) {
#pragma omp for schedule(static) nowait
            for (long i = 0; i < count; ++i) {
                value = combine(std::move(value), map(element(advanced(first, i))));
            }
        } else {
#pragma omp for schedule(runtime) nowait
            for (long i = 0; i < count; ++i) {
                value = combine(std::move(value), map(element(advanced(first, i))));
            }
        }
#pragma omp critical(bench_reduce)
        sum = combine(std::move(sum), std::move(value));
    }
    return sum;
}
// NOLINTEND(bugprone-use-after-move)

} // namespace bench::runtime
