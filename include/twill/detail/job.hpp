// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "twill/detail/atomic.hpp"
#include "twill/detail/config.hpp"

#include <cstdint>

namespace twill::inline abi_1::detail {

/// The record of a forked task; it lies on its parent's stack. The closure, and later the result,
/// follow in the derived types.
struct job {
    /// The next older job of the same thread; the low bit is the mark, set when the job has been
    /// published. Owner only: thieves never read it.
    std::uintptr_t link;
    /// Runs the job on the thread that stole it and ends with finish_slow().
    void (*run)(job*) noexcept;
    /// Written by cold code only, so a fork leaves it as it is; runtime/sched/job_state.hpp tells
    /// what is in it.
    atomic<std::uint64_t> state;
};

inline constexpr std::uintptr_t mark_bit = 1;

TWILL_INLINE std::uintptr_t link_to(job* older) noexcept {
    return reinterpret_cast<std::uintptr_t>(older);
}
TWILL_INLINE job* older_than(const job& newer) noexcept {
    return reinterpret_cast<job*>(newer.link & ~mark_bit);
}
TWILL_INLINE bool is_marked(const job& one) noexcept {
    return __builtin_expect((one.link & mark_bit) != 0, 0);
}

/// How a stolen job ended.
enum class job_end : std::uint64_t { returned, threw };

} // namespace twill::inline abi_1::detail
