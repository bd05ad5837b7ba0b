// SPDX-License-Identifier: Apache-2.0
#include "micro/ladder.hpp"

#include "micro/passage.hpp"

#include <twill/twill.hpp>

namespace bench {

void ladder::round() {
    claimed_.store(0, std::memory_order_relaxed);
    owner_ = std::this_thread::get_id();
    descend(0);
}

void ladder::descend(std::size_t level) {
    if (level == depth) {
        publish_and_wait();
        return;
    }
    twill::parallel_invoke([this, level] { descend(level + 1); }, [this, level] { child(level); });
}

void ladder::child(std::size_t level) {
    stamps_[level].begin = ticks();
    stamps_[level].owner = std::this_thread::get_id();
    if (level == 0) {
        // The first to come comes for the first job alone: it stays until the list is long.
        while (claimed_.load(std::memory_order_acquire) == 0) {
            pause();
        }
    } else {
        busy_for(0.5);
    }
    claimed_.fetch_add(1, std::memory_order_acq_rel);
    stamps_[level].end = ticks();
}

/// Lets the other one go, gives it time to ask, answers by forking, and holds still.
void ladder::publish_and_wait() {
    claimed_.store(1, std::memory_order_release);
    const std::uint64_t start = ticks();
    const auto patience = static_cast<std::uint64_t>(patience_us * ticks_per_microsecond());
    const auto waits_for = [&](std::size_t count) {
        return claimed_.load(std::memory_order_acquire) < count && ticks() - start < patience;
    };
    // The first job may have been taken alone, and a fork may leave a request standing (back-off).
    do {
        busy_for(short_silence_us);
        twill::parallel_invoke([] {}, [] {});
    } while (waits_for(3));
    while (waits_for(depth + 1)) {
        pause();
    }
}

} // namespace bench
