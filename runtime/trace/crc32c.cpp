// SPDX-License-Identifier: Apache-2.0
#include "trace/crc32c.hpp"

#include "trace/format.hpp"

#include <array>

namespace twill::trace {

namespace {

// Eight bytes a step: table k has the CRC of a byte that k zero bytes follow, and the CRC of eight
// bytes is the sum of theirs (Kounavis, Berry: Novel table lookup-based algorithms for
// high-performance CRC generation, 2008).
constexpr std::size_t step = 8;
using table_set = std::array<std::array<std::uint32_t, 256>, step>;

constexpr table_set make_tables() noexcept {
    constexpr std::uint32_t reversed_polynomial = 0x82f63b78;
    table_set tables{};
    for (std::uint32_t value = 0; value < 256; ++value) {
        std::uint32_t sum = value;
        for (int bit = 0; bit < 8; ++bit) {
            sum = (sum >> 1) ^ ((sum & 1) != 0 ? reversed_polynomial : 0);
        }
        tables[0][value] = sum;
    }
    for (std::size_t k = 1; k < step; ++k) {
        for (std::uint32_t value = 0; value < 256; ++value) {
            const std::uint32_t shorter = tables[k - 1][value];
            tables[k][value] = (shorter >> 8) ^ tables[0][shorter & 0xff];
        }
    }
    return tables;
}

constexpr table_set tables = make_tables();

} // namespace

std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t before) noexcept {
    std::uint32_t sum = ~before;
    const std::byte* at = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= step; left -= step, at += step) {
        const auto low = little_endian<std::uint32_t>(at) ^ sum;
        const auto high = little_endian<std::uint32_t>(at + 4);
        sum = tables[7][low & 0xff] ^ tables[6][(low >> 8) & 0xff] ^ tables[5][(low >> 16) & 0xff] ^
              tables[4][low >> 24] ^ tables[3][high & 0xff] ^ tables[2][(high >> 8) & 0xff] ^
              tables[1][(high >> 16) & 0xff] ^ tables[0][high >> 24];
    }
    for (; left > 0; --left, ++at) {
        sum = (sum >> 8) ^ tables[0][(sum ^ static_cast<std::uint32_t>(*at)) & 0xff];
    }
    return ~sum;
}

} // namespace twill::trace
