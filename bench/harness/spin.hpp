// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/clock.hpp"

#include <algorithm>
#include <cstdint>

namespace bench {

/// A bijection of 64-bit words that scatters them.
inline std::uint64_t scatter(std::uint64_t x) noexcept {
    x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93ULL;
    x = (x ^ (x >> 29)) * 0xa0761d6478bd642fULL;
    return x ^ (x >> 32);
}

/// Work of a known length: a chain of dependent steps. A count of steps and not a time, so that
/// every runtime does the same work, preempted or not.
[[gnu::noinline]] inline std::uint64_t spin_steps(std::uint64_t seed, long steps) noexcept {
    for (long i = 0; i < steps; ++i) {
        seed = scatter(seed + static_cast<std::uint64_t>(i));
    }
    return seed;
}

/// Steps a microsecond on this machine, at its fastest of several tries.
inline double steps_per_microsecond() {
    double best = 0;
    for (std::uint64_t attempt = 0; attempt < 20; ++attempt) {
        constexpr long steps = 200'000;
        const std::uint64_t start = ticks();
        const std::uint64_t value = spin_steps(attempt, steps);
        asm volatile("" ::"r"(value));
        const double passed = static_cast<double>(ticks() - start) / ticks_per_microsecond();
        best = std::max(best, static_cast<double>(steps) / passed);
    }
    return best;
}

} // namespace bench
