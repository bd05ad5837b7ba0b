// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <twill/twill.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>

namespace twill_stress {

/// A reproducible source of choices: each tree, guest and round has one of its own.
class dice {
public:
    explicit constexpr dice(std::uint64_t seed) noexcept
        : state_((seed + 1) * 0x9e3779b97f4a7c15u | 1) {}

    constexpr std::uint64_t next() noexcept {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 7;
        state_ ^= state_ << 17;
        return state_ * 0x2545f4914f6cdd1du >> 16;
    }
    /// From 0 to limit - 1.
    constexpr int below(int limit) noexcept {
        return static_cast<int>(next() % static_cast<std::uint64_t>(limit));
    }

private:
    std::uint64_t state_;
};

/// `steps` dependent steps that no compiler leaves out.
inline std::uint64_t work(int steps, std::uint64_t seed) noexcept {
    for (int k = 0; k < steps; ++k) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        asm volatile("" : "+r"(seed));
    }
    return seed;
}

/// What a campaign is given on its command line: `--seconds N --seed N`.
struct settings {
    double seconds = 1;
    std::uint64_t seed = 1;
};

/// One round of a campaign. False if something came out wrong; it has said what on stderr.
using round_function = bool (*)(std::uint64_t seed);

/// The main of a stress program: rounds with consecutive seeds until the time is over, under a
/// watchdog that ends the program if a round does not end. With two workers or more it fails if
/// no job has moved between threads, or there are more threads than blocked joins may have made and
/// `most_waiting`, tasks in sections and the like.
int run_campaign(int argc, char** argv, round_function round,
                 const std::atomic<int>* most_waiting = nullptr);

} // namespace twill_stress
