// SPDX-License-Identifier: Apache-2.0
#include "micro/bare_wake.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace bench {
namespace {

void futex(std::atomic<std::uint32_t>& word, int operation, std::uint32_t value) {
    static_assert(sizeof(word) == sizeof(std::uint32_t));
    syscall(SYS_futex, &word, operation | FUTEX_PRIVATE_FLAG, value, nullptr, nullptr, 0);
}

} // namespace

bare_wake::bare_wake() : thread_([this] { partner(); }) {}

bare_wake::~bare_wake() {
    end_.store(true, std::memory_order_relaxed);
    signal_.store(1, std::memory_order_release);
    futex(signal_, FUTEX_WAKE, 1);
    thread_.join();
}

void bare_wake::partner() noexcept {
    for (;;) {
        while (signal_.load(std::memory_order_acquire) == 0) {
            futex(signal_, FUTEX_WAIT, 0);
        }
        const std::uint64_t now = ticks();
        signal_.store(0, std::memory_order_relaxed);
        if (end_.load(std::memory_order_relaxed)) {
            return;
        }
        ran_.store(now, std::memory_order_release);
    }
}

double bare_wake::wake(samples& into) {
    ran_.store(0, std::memory_order_relaxed);
    const std::uint64_t start = ticks();
    signal_.store(1, std::memory_order_release);
    futex(signal_, FUTEX_WAKE, 1);
    std::uint64_t ran = 0;
    while ((ran = ran_.load(std::memory_order_acquire)) == 0) {
        pause();
    }
    return into.add(start, ran);
}

} // namespace bench
