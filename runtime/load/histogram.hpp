// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "twill/detail/atomic.hpp"

#include <cstddef>
#include <cstdint>

namespace twill::load_model {

/// Lengths in ticks by their power of two and the four bits that follow: a bucket is 1/16 as wide
/// as its lower end at the most (the layout of HdrHistogram, Tene 2012).
class histogram {
public:
    static constexpr unsigned fraction_bits = 4;
    static constexpr std::uint64_t parts = std::uint64_t{1} << fraction_bits;
    /// Longer ones, of some 26 hours, count as the longest.
    static constexpr unsigned length_bits = 48;
    static constexpr std::size_t buckets = (length_bits - fraction_bits + 1) * parts;

    static constexpr std::size_t bucket_of(std::uint64_t length) noexcept {
        constexpr std::uint64_t longest = (std::uint64_t{1} << length_bits) - 1;
        const std::uint64_t counted = length < longest ? length : longest;
        if (counted < parts) {
            return static_cast<std::size_t>(counted);
        }
        const auto power = static_cast<unsigned>(63 - __builtin_clzll(counted));
        const std::uint64_t part = counted >> (power - fraction_bits) & (parts - 1);
        return (power - fraction_bits + 1) * parts + part;
    }
    /// The shortest length of a bucket; of the one after the last, the end of all.
    static constexpr std::uint64_t begin_of(std::size_t bucket) noexcept {
        const std::uint64_t row = bucket / parts;
        const std::uint64_t part = bucket % parts;
        return row == 0 ? part : (parts + part) << (row - 1);
    }

    /// Any thread, any time. Relaxed: a count says nothing about other memory.
    void add(std::uint64_t length) noexcept {
        counts_[bucket_of(length)].fetch_add(1, detail::relaxed);
    }
    /// What another one has in one bucket.
    void add_to(std::size_t bucket, std::uint64_t count) noexcept {
        counts_[bucket].fetch_add(count, detail::relaxed);
    }
    [[nodiscard]] std::uint64_t count(std::size_t bucket) const noexcept {
        return counts_[bucket].load(detail::relaxed);
    }

private:
    detail::atomic<std::uint64_t> counts_[buckets]{};
};

} // namespace twill::load_model
