// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// How long the blocks of a long loop are, and whether what is left of it is worth giving away:
/// both by the time that the block before took.

#include "twill/detail/clock.hpp"
#include "twill/detail/config.hpp"
#include "twill/detail/hot_state.hpp"

#include <cstddef>
#include <cstdint>

namespace twill::inline abi_1::detail {

/// How much longer than the one before a timed block may become.
inline constexpr double block_growth = 32;

/// Blocks end at multiples of so many elements of the loop, or of a smaller power of two where they
/// are shorter. What the first element shares a line of the cache or a vector with then begins a
/// block too: vector loops over blocks that begin anywhere took 1.4 times as long as over the
/// whole.
inline constexpr std::size_t block_alignment = 64;

/// What is shorter than this part of `worth_a_steal` is mostly the reading of the clock and the
/// call of the block: it says that the elements are cheap, and not how cheap.
inline constexpr std::uint64_t shortest_to_tell = 16;

/// About what a reading of the clock takes, as a part of `worth_a_steal`.
inline constexpr std::uint64_t price_of_reading = 64;

/// More ticks than any loop that ends.
inline constexpr double longest_time = 0x1p62;

/// The blocks of a long loop: each is as long as the poll period allows by the time that the one
/// before took, and the first has `grain` elements.
class block_timer {
public:
    explicit block_timer(std::size_t grain) noexcept : size_(grain), grain_(grain) {}

    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// Where a block from `next` on ends: it has at least `grain` elements.
    [[nodiscard]] std::size_t end_of_block(std::size_t next) const noexcept {
        const std::size_t spare = size_ - grain_ + 1;
        const std::size_t part = spare < block_alignment
                                     ? std::size_t{1} << (63 - __builtin_clzll(spare))
                                     : block_alignment;
        return (next + size_) & ~(part - 1);
    }

    /// Is what is left worth a steal? False until a block has been timed that tells.
    [[nodiscard]] bool worth_offering() const noexcept { return worth_offering_; }

    /// How long `left` elements take, by the last block, in ticks, up to `longest_time`.
    [[nodiscard]] std::uint64_t time_of(std::size_t left) const noexcept {
        const double takes = static_cast<double>(left) * took_ / ran_;
        return static_cast<std::uint64_t>(takes < longest_time ? takes : longest_time);
    }

    /// How long the last block took, in ticks.
    [[nodiscard]] std::uint64_t last() const noexcept { return static_cast<std::uint64_t>(took_); }

    void ran(std::size_t elements, std::size_t left, const hot_state& self) noexcept {
        const std::uint64_t now = ticks();
        const std::uint64_t passed = now - began_;
        began_ = now;
        const std::uint64_t worth = self.worth_a_steal;
        const bool tells = passed > worth / shortest_to_tell;
        const std::uint64_t reading = worth / price_of_reading;
        took_ = static_cast<double>(passed > reading ? passed - reading : 0) + 1;
        ran_ = static_cast<double>(elements);
        // A block that tells nothing may be followed by one that is worth a steal, not by more.
        const double factor = static_cast<double>(tells ? self.poll_period : worth) / took_;
        const double wanted = ran_ * (factor < block_growth ? factor : block_growth);
        size_ = wanted < static_cast<double>(left) ? static_cast<std::size_t>(wanted) : left;
        size_ = size_ < grain_ ? grain_ : size_;
        worth_offering_ =
            tells && static_cast<double>(left) * took_ > ran_ * static_cast<double>(worth);
    }

private:
    std::size_t size_;
    std::size_t grain_;
    std::uint64_t began_ = ticks();
    double took_ = 0; // the last block, in ticks, and how many elements it had
    double ran_ = 1;
    bool worth_offering_ = false;
};

/// Where the rest [next, end) of a long loop is split: in the middle, and at the end of a block
/// where the halves are long enough for that.
TWILL_INLINE std::size_t middle_of_blocks(std::size_t next, std::size_t end,
                                          std::size_t grain) noexcept {
    const std::size_t half = (end - next) / 2;
    const std::size_t middle = next + half;
    return half >= grain + 2 * block_alignment ? middle & ~(block_alignment - 1) : middle;
}

} // namespace twill::inline abi_1::detail
