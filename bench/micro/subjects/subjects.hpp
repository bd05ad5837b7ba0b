// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <benchmark/benchmark.h>

#include <twill/twill.hpp>

#include <utility>

namespace bench::subjects {

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
