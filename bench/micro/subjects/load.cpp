// SPDX-License-Identifier: Apache-2.0
#include "micro/subjects/beside_wakes.hpp"

#include <atomic>

namespace bench::subjects {
namespace {

/// Snapshots one after the other, and at the end the window from the first to the last, whose
/// columns have to add up.
void snapshots(benchmark::State& state) {
    const twill::load_snapshot first = twill::load();
    twill::load_snapshot last = first;
    for ([[maybe_unused]] auto _ : state) {
        last = twill::load();
    }
    const twill::load_window window = last - first;
    if (window.worker_count() != twill::worker_count() || window.identity_error() > 0.001) {
        fail(state, "the window does not close");
    }
}

/// The difference of two.
void window(benchmark::State& state) {
    const twill::load_snapshot first = twill::load();
    const twill::load_snapshot last = twill::load();
    for ([[maybe_unused]] auto _ : state) {
        benchmark::DoNotOptimize(last - first);
    }
}

/// The other workers are in tasks meanwhile.
void busy(benchmark::State& state) {
    std::atomic<bool> begun{false};
    std::atomic<bool> over{false};
    twill::parallel_invoke(
        [&] {
            if (sampled(state, [&] { return begun.load(std::memory_order_acquire); })) {
                snapshots(state);
            }
            over.store(true, std::memory_order_release);
        },
        [&] {
            begun.store(true, std::memory_order_release);
            while (!over.load(std::memory_order_acquire)) {
                pause();
            }
        });
}

void idle(benchmark::State& state) {
    inside([] {}); // the runtime starts
    snapshots(state);
}

BENCHMARK(idle)->Name("load/idle")->UseRealTime();
BENCHMARK(busy)->Name("load/busy")->UseRealTime();
BENCHMARK(window)->Name("load/window")->UseRealTime();

} // namespace
} // namespace bench::subjects
