// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace twill::model {

/// Mixes two words into one so that every bit of both counts (the finaliser of splitmix64).
constexpr std::uint64_t mix(std::uint64_t a, std::uint64_t b) noexcept {
    std::uint64_t x = a * 0x9e3779b97f4a7c15u + b + 0x632be59bd9b4e019u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/// A small generator of random words, the same on every machine.
class random_words {
public:
    explicit random_words(std::uint64_t seed) noexcept : state_(mix(seed, 1)) {}
    std::uint64_t next() noexcept { return mix(state_ += 0x9e3779b97f4a7c15u, 0); }
    std::uint32_t below(std::uint32_t limit) noexcept {
        return static_cast<std::uint32_t>((next() >> 32) * limit >> 32);
    }
    /// True once in `n` times.
    bool one_in(std::uint32_t n) noexcept { return below(n) == 0; }

private:
    std::uint64_t state_;
};

} // namespace twill::model
