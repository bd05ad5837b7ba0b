// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <benchmark/benchmark.h>

#include <twill/twill.hpp>

#include <utility>

namespace bench::subjects {

// Each adds the benchmarks of one subject, in the order in which they run.
void add_fork();
void add_wake();
void add_steal();
void add_leapfrog();
void add_hand_over();
void add_loop();
void add_group();
void add_load();
void add_submit();

/// Ends a benchmark with an error, and the program with exit code 1.
void fail(benchmark::State& state, const char* why);
/// Has any benchmark failed?
bool any_failed() noexcept;

/// Calls `body()` on this thread inside of a verb, so that it holds its place all the time.
template <class Body>
void inside(Body&& body) {
    twill::parallel_invoke(std::forward<Body>(body), [] {});
}

} // namespace bench::subjects
