// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace social {

/// Replaces every count by the sum of those before it and returns the sum of all. In blocks: their
/// sums, the serial scan over these, and the blocks from their starts. Work O(n).
template <class Loops>
std::uint64_t exclusive_scan(const Loops& loops, std::span<std::uint64_t> counts) {
    static constexpr std::size_t block_size = 8192;
    const std::size_t blocks = (counts.size() + block_size - 1) / block_size;
    const auto block = [counts](std::size_t b) {
        const std::size_t begin = b * block_size;
        return counts.subspan(begin, std::min(block_size, counts.size() - begin));
    };
    std::vector<std::uint64_t> starts(blocks);
    loops.for_each(blocks, [&](std::size_t b) {
        std::uint64_t sum = 0;
        for (const std::uint64_t count : block(b)) {
            sum += count;
        }
        starts[b] = sum;
    });
    std::uint64_t total = 0;
    for (std::uint64_t& start : starts) {
        total += start;
        start = total - start;
    }
    loops.for_each(blocks, [&](std::size_t b) {
        std::uint64_t sum = starts[b];
        for (std::uint64_t& count : block(b)) {
            sum += count;
            count = sum - count;
        }
    });
    return total;
}

} // namespace social
