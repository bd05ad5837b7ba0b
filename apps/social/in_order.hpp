// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>

namespace social {

/// Hands the indices of [0, count) out in ascending order, a block to whoever asks next. For bodies
/// that read what those of near indices read too: workers that are always near each other find in
/// the cache they share what another has just read, where the halves of a divided range begin far
/// apart. Costs an atomic read-modify-write a block.
class in_order {
public:
    explicit in_order(std::size_t count) noexcept : count_(count) {}

    /// Calls visit(i) for every index that the caller gets, until there are no more.
    template <class Visit>
    void take(const Visit& visit) {
        // Relaxed: what is read and written elsewhere is ordered by the loop around all takers.
        for (std::size_t begin;
             (begin = next_.fetch_add(block_, std::memory_order_relaxed)) < count_;) {
            const std::size_t end = std::min(begin + block_, count_);
            for (std::size_t i = begin; i < end; ++i) {
                visit(i);
            }
        }
    }

private:
    static constexpr std::size_t block_ = 64;

    std::size_t count_;
    std::atomic<std::size_t> next_{0};
};

} // namespace social
