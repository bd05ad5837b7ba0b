// SPDX-License-Identifier: Apache-2.0
#include "micro/passage.hpp"

#include "micro/samples.hpp"

#include <twill/twill.hpp>

#include <atomic>
#include <thread>

namespace bench {

passage fork_one(double child_us) {
    static std::atomic<std::uint64_t> begun;
    static std::atomic<std::uint64_t> done;
    begun.store(0, std::memory_order_relaxed);
    passage result;
    const std::thread::id self = std::this_thread::get_id();
    const auto patience = static_cast<std::uint64_t>(patience_us * ticks_per_microsecond());
    std::atomic<bool> elsewhere{false};
    result.forked = ticks();
    twill::parallel_invoke(
        [start = result.forked, patience] {
            while (begun.load(std::memory_order_acquire) == 0 && ticks() - start < patience) {
                pause();
            }
        },
        [&elsewhere, self, child_us] {
            begun.store(ticks(), std::memory_order_release);
            elsewhere.store(std::this_thread::get_id() != self, std::memory_order_relaxed);
            busy_for(child_us);
            done.store(ticks(), std::memory_order_relaxed);
        });
    result.joined = ticks();
    result.begun = begun.load(std::memory_order_relaxed);
    result.done = done.load(std::memory_order_relaxed);
    result.stolen = elsewhere.load(std::memory_order_relaxed);
    return result;
}

} // namespace bench
