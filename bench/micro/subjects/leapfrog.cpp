// SPDX-License-Identifier: Apache-2.0
#include "micro/subjects/beside_wakes.hpp"

#include <atomic>
#include <thread>

namespace bench::subjects {
namespace {

/// Forks a child, waits until another thread has begun it, and joins it. The child is the ladder's
/// owner: what this thread, whose join is blocked, takes there it takes by leapfrogging, because
/// there is no other thread.
bool leapfrogged(ladder& jobs) {
    std::atomic<bool> begun{false};
    const std::thread::id self = std::this_thread::get_id();
    const auto patience = static_cast<std::uint64_t>(patience_us * ticks_per_microsecond());
    bool elsewhere = false;
    const std::uint64_t start = ticks();
    twill::parallel_invoke(
        [&] {
            while (!begun.load(std::memory_order_acquire) && ticks() - start < patience) {
                pause();
            }
        },
        [&] {
            begun.store(true, std::memory_order_release);
            elsewhere = std::this_thread::get_id() != self;
            if (elsewhere) {
                jobs.round();
            }
        });
    return elsewhere;
}

void claim(benchmark::State& state) {
    claims(state, "leapfrogged", &twill::worker_load::leapfrogged, leapfrogged);
}

BENCHMARK(claim)->Name("leapfrog/claim")->UseManualTime();

} // namespace
} // namespace bench::subjects
