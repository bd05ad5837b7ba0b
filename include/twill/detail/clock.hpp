// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "twill/detail/atomic.hpp"

#include <cstdint>
#if !defined(__x86_64__) && !defined(__aarch64__)
#include <ctime>
#endif

namespace twill::inline abi_1::detail {

/// The processor's clock in raw ticks: monotonic, the same on every core, about 10 ns to read.
[[gnu::always_inline]] inline std::uint64_t ticks() noexcept {
#if defined(TWILL_ATOMIC_HEADER)
    return simulated_ticks();
#elif defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
    std::uint64_t now;
    asm volatile("mrs %0, cntvct_el0" : "=r"(now));
    return now;
#else
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000u +
           static_cast<std::uint64_t>(now.tv_nsec);
#endif
}

} // namespace twill::inline abi_1::detail
