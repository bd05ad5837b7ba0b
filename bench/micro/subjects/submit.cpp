// SPDX-License-Identifier: Apache-2.0
#include "micro/subjects/beside_wakes.hpp"

#include <atomic>

namespace bench::subjects {
namespace {

/// Submit and get, one after the other, in a runtime of `range(0)` workers.
void get(benchmark::State& state) {
    twill::runtime rt({.workers = static_cast<int>(state.range(0))});
    long sum = 0;
    for ([[maybe_unused]] auto _ : state) {
        sum += rt.submit([] { return 1L; }).get();
    }
    if (sum != state.iterations()) {
        fail(state, "wrong sum");
    }
}

/// The caller does it itself, as a task of the runtime.
void run(benchmark::State& state) {
    twill::runtime rt({.workers = static_cast<int>(state.range(0))});
    long sum = 0;
    for ([[maybe_unused]] auto _ : state) {
        sum += rt.run([] { return 1L; });
    }
    if (sum != state.iterations()) {
        fail(state, "wrong sum");
    }
}

/// From before the submission to its first line, on a thread that was parked.
void parked(benchmark::State& state) {
    twill::runtime rt({.workers = 1});
    std::atomic<std::uint64_t> begun{0};
    const auto submitted = [&] {
        begun.store(0, std::memory_order_relaxed);
        const std::uint64_t start = ticks();
        auto later = rt.submit([&begun] { begun.store(ticks(), std::memory_order_release); });
        while (begun.load(std::memory_order_acquire) == 0) {
            pause(); // get() would run it here
        }
        later.get();
        return start;
    };
    submitted(); // the thread starts
    beside_wakes beside(state);
    for ([[maybe_unused]] auto _ : state) {
        beside.wake();
        busy_for(long_silence_us);
        const std::uint64_t start = submitted();
        beside.add(start, begun.load(std::memory_order_relaxed));
    }
    beside.report();
}

BENCHMARK(get)->Name("submit/get")->Arg(1)->Arg(2)->UseRealTime();
BENCHMARK(run)->Name("submit/run")->Arg(1)->Arg(2)->UseRealTime();
BENCHMARK(parked)->Name("submit/parked")->UseManualTime();

} // namespace
} // namespace bench::subjects
