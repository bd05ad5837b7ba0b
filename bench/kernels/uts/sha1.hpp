// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

/// A SHA-1 value (FIPS 180-4) as five words, which stand for twenty bytes with the high ones first.
using sha1_value = std::array<std::uint32_t, 5>;

/// The hash of a message of so few words that one block holds it with its length.
template <std::size_t Words>
[[gnu::always_inline]] inline sha1_value sha1_of(const std::array<std::uint32_t, Words>& message) {
    static_assert(Words <= 13);
    constexpr std::size_t block_words = 16;
    std::array<std::uint32_t, block_words> w{};
    for (std::size_t i = 0; i < Words; ++i) {
        w[i] = message[i];
    }
    w[Words] = 0x80000000U;
    w[block_words - 1] = 32 * Words;

    constexpr sha1_value initial = {0x67452301U, 0xefcdab89U, 0x98badcfeU, 0x10325476U,
                                    0xc3d2e1f0U};
    auto [a, b, c, d, e] = initial;
    // The eighty words that the standard extends the message to: only the last sixteen are needed.
    const auto word = [&w](std::size_t t) {
        if (t >= block_words) {
            w[t % 16] =
                std::rotl(w[(t - 3) % 16] ^ w[(t - 8) % 16] ^ w[(t - 14) % 16] ^ w[t % 16], 1);
        }
        return w[t % 16];
    };
    const auto round = [&](std::size_t t, std::uint32_t mixed, std::uint32_t constant) {
        const std::uint32_t next = std::rotl(a, 5) + mixed + e + constant + word(t);
        e = std::exchange(
            d, std::exchange(c, std::rotl(std::exchange(b, std::exchange(a, next)), 30)));
    };
#pragma GCC unroll 20
    for (std::size_t t = 0; t < 20; ++t) {
        round(t, (b & c) | (~b & d), 0x5a827999U);
    }
#pragma GCC unroll 20
    for (std::size_t t = 20; t < 40; ++t) {
        round(t, b ^ c ^ d, 0x6ed9eba1U);
    }
#pragma GCC unroll 20
    for (std::size_t t = 40; t < 60; ++t) {
        round(t, (b & c) | (b & d) | (c & d), 0x8f1bbcdcU);
    }
#pragma GCC unroll 20
    for (std::size_t t = 60; t < 80; ++t) {
        round(t, b ^ c ^ d, 0xca62c1d6U);
    }
    return {initial[0] + a, initial[1] + b, initial[2] + c, initial[3] + d, initial[4] + e};
}
