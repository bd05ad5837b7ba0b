// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

namespace bench {

/// The processor's counter, the same on all cores. Not ordered with the instructions around it:
/// the latencies quoted are hundreds of times longer than what that can move.
inline std::uint64_t ticks() noexcept {
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
    std::uint64_t value;
    asm volatile("mrs %0, cntvct_el0" : "=r"(value));
    return value;
#else
    return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
#endif
}

/// Measured once against the system's clock over 20 ms.
inline double ticks_per_microsecond() {
    static const double rate = [] {
        using clock = std::chrono::steady_clock;
        const clock::time_point start = clock::now();
        const std::uint64_t first = ticks();
        clock::time_point now = start;
        while (now - start < std::chrono::milliseconds(20)) {
            now = clock::now();
        }
        const std::chrono::duration<double, std::micro> passed = now - start;
        return static_cast<double>(ticks() - first) / passed.count();
    }();
    return rate;
}

inline void pause() noexcept {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("isb" ::: "memory");
#endif
}

inline double milliseconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
        .count();
}

} // namespace bench
