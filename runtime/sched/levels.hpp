// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sched/sized.hpp"
#include "twill/detail/atomic.hpp"

#include <bit>
#include <cstdint>

namespace twill::sched {

/// The levels of twill::priority, by their numbers, and sets of them.
inline constexpr std::uint32_t high_level = 0;
inline constexpr std::uint32_t normal_level = 1;
inline constexpr std::uint32_t low_level = 2;
inline constexpr std::uint32_t level_count = 3;

constexpr std::uint32_t set_of(std::uint32_t level) noexcept { return 1u << level; }
inline constexpr std::uint32_t all_levels = (1u << level_count) - 1;

/// Which of several levels is served next: the highest that has something, unless a lower one has
/// been passed over `patience` times in a row; the lowest of those that have been comes first.
///
/// So what is first on its level is served after `patience` + 2 others at the most: higher levels
/// pass it over `patience` times, and then only a level below it that waits as long comes before
/// it; that one has been passed over since its own last turn as often, so it comes twice at the
/// most from the first pass on. What is p-th on its level waits for p times as many.
///
/// The counts are relaxed: under a lock, or by one thread, the rule is exact. Where n threads serve
/// at a time without one, each may have read a count before the others raised it: n - 1 more.
class turns {
public:
    static constexpr std::uint32_t patience = sized(16, 1);

    /// One of the set `present`, which is not empty.
    [[nodiscard]] std::uint32_t next(std::uint32_t present) const noexcept {
        for (std::uint32_t level = low_level; level > high_level; --level) {
            if ((present & set_of(level)) != 0 &&
                passed_[level].load(detail::relaxed) >= patience) {
                return level;
            }
        }
        return static_cast<std::uint32_t>(std::countr_zero(present));
    }

    /// One of `level` begins, while there may be others on the levels of the set `waiting`.
    void serve(std::uint32_t level, std::uint32_t waiting) noexcept {
        skip(level);
        for (std::uint32_t lower = level + 1; lower < level_count; ++lower) {
            if ((waiting & set_of(lower)) != 0) {
                passed_[lower].fetch_add(1, detail::relaxed);
            }
        }
    }

    /// There is nothing on a level: who comes next has not waited.
    void skip(std::uint32_t level) noexcept {
        if (passed_[level].load(detail::relaxed) != 0) {
            passed_[level].store(0, detail::relaxed);
        }
    }

private:
    detail::atomic<std::uint32_t> passed_[level_count]{};
};

} // namespace twill::sched
