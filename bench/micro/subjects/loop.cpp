// SPDX-License-Identifier: Apache-2.0
#include "micro/subjects/subjects.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace bench::subjects {
namespace {

constexpr long batch = 16;

/// An element that does nothing and that no compiler takes out of the loop.
inline void touch(int i) noexcept { asm volatile("" : : "r"(i)); }

struct by_for {
    template <class Body>
    void operator()(int n, Body body) const {
        for (int i = 0; i < n; ++i) {
            body(i);
        }
    }
};

struct by_parallel_for {
    template <class Body>
    void operator()(int n, Body body) const {
        twill::parallel_for(0, n, body);
    }
};

template <class Loop>
void loops(benchmark::State& state, Loop loop) {
    const int n = static_cast<int>(state.range(0));
    std::vector<char> seen(static_cast<std::size_t>(n));
    loop(n, [&](int i) { ++seen[static_cast<std::size_t>(i)]; });
    if (std::count(seen.begin(), seen.end(), 1) != n) {
        fail(state, "an element ran not once");
        return;
    }
    while (state.KeepRunningBatch(batch)) {
        for (long k = 0; k < batch; ++k) {
            loop(n, [](int i) { touch(i); });
        }
    }
}

void alone(benchmark::State& state) {
    twill::runtime one({.workers = 1});
    one.run([&] { loops(state, by_parallel_for{}); });
}

void serial(benchmark::State& state) { loops(state, by_for{}); }

void within(benchmark::State& state) {
    inside([&] { loops(state, by_parallel_for{}); });
}

void outside(benchmark::State& state) { loops(state, by_parallel_for{}); }

void sizes(benchmark::internal::Benchmark* one) {
    one->Arg(1)->Arg(10)->Arg(1000)->Arg(10'000)->UseRealTime();
}

BENCHMARK(serial)->Name("loop/serial")->Apply(sizes);
BENCHMARK(alone)->Name("loop/alone")->Apply(sizes);
BENCHMARK(within)->Name("loop/inside")->Apply(sizes);
BENCHMARK(outside)->Name("loop/outside")->Apply(sizes);

} // namespace
} // namespace bench::subjects
