// SPDX-License-Identifier: Apache-2.0
#include "micro/subjects/subjects.hpp"

namespace bench::subjects {
namespace {

constexpr long batch = 64;

[[gnu::noinline]] long leaf(long x) noexcept {
    asm volatile("" : "+r"(x));
    return x;
}

struct by_calls {
    long operator()(long i) const noexcept { return leaf(i) + leaf(i + 1); }
};

struct by_fork {
    long operator()(long i) const {
        auto [one, other] =
            twill::parallel_invoke([i] { return leaf(i); }, [i] { return leaf(i + 1); });
        return one + other;
    }
};

template <class Pair>
void pairs(benchmark::State& state, Pair pair) {
    long sum = 0;
    while (state.KeepRunningBatch(batch)) {
        for (long i = 0; i < batch; ++i) {
            sum += pair(i);
        }
    }
    // i + i + 1, for each i below batch
    if (sum != state.iterations() * batch) {
        fail(state, "wrong sum");
    }
}

void alone(benchmark::State& state) {
    twill::runtime one({.workers = 1});
    one.run([&] { pairs(state, by_fork{}); });
}

void watched(benchmark::State& state) {
    inside([&] { pairs(state, by_fork{}); });
}

void serial(benchmark::State& state) { pairs(state, by_calls{}); }

void outside(benchmark::State& state) { pairs(state, by_fork{}); }

BENCHMARK(serial)->Name("fork/serial")->UseRealTime();
BENCHMARK(alone)->Name("fork/alone")->UseRealTime();
BENCHMARK(watched)->Name("fork/watched")->UseRealTime();
BENCHMARK(outside)->Name("fork/outside")->UseRealTime();

} // namespace
} // namespace bench::subjects
