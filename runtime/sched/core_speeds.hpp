// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "twill/detail/atomic.hpp"

#include <cstdint>

namespace twill::sched {

/// How much of a node's work a place is to have by the kind of its core, as a share of what the
/// faster kind has.
struct core_weights {
    static constexpr std::uint32_t whole = 1u << 16;
    std::uint32_t performance = whole; ///< and cores that are of no kind
    std::uint32_t efficient = whole;
};

/// What cores of one kind have run.
struct core_work {
    std::uint64_t elements = 0;
    std::uint64_t ticks = 0; ///< of all such cores together
};
struct work_by_kind {
    core_work performance;
    core_work efficient;
};

/// How fast efficient cores are beside the others, as the placed loops of one runtime have shown.
///
/// One word is the average over loops, and one what shares go by. That one changes only once the
/// average is off by a sixteenth: what a place gets of a loop is to be the same, loop after loop.
/// From any thread, all relaxed: each word means something by itself, no other data hangs on it,
/// and of two loops that end at a time one may go uncounted, as if it had not been measured.
class core_speeds {
public:
    /// The slower kind counts for no less than 1 / slowest of the faster one.
    static constexpr std::uint32_t slowest = 8;
    /// What each kind must have run of a loop for the loop to count.
    static constexpr std::uint64_t least_elements = 64;
    static constexpr double least_us = 50;
    /// A loop changes the average by an eighth of the difference, and counts as no more than twice
    /// and no less than half of it: threads may have been preempted in it.
    static constexpr std::int64_t averaged = 8;
    static constexpr std::int64_t farthest = 2;
    static constexpr std::int64_t allowance = 16;

    core_speeds() noexcept;
    explicit core_speeds(std::uint64_t least_ticks) noexcept : least_ticks_(least_ticks) {}

    /// Equal until something has been measured.
    [[nodiscard]] core_weights weights() const noexcept;

    /// Counts what was run of one loop, if it is enough to tell.
    void count(const work_by_kind& of_loop) noexcept;

private:
    [[nodiscard]] bool enough(const core_work& one) const noexcept {
        return one.elements >= least_elements && one.ticks >= least_ticks_;
    }

    std::uint64_t least_ticks_;
    // The speed of efficient cores, times core_weights::whole, where that of others is 1: from
    // 1 / slowest to slowest. An average of 0: nothing has been measured.
    detail::atomic<std::uint32_t> average_{0};
    detail::atomic<std::uint32_t> used_{core_weights::whole};
};

} // namespace twill::sched
