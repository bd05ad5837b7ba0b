// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "twill/detail/atomic.hpp"
#include "twill/detail/config.hpp"

#include <cstdint>

namespace twill::inline abi_1::detail {

struct job;
struct thread_value;
struct view_map;

/// The poll word's largest value: somebody wants the owner's attention, the thread is outside, or
/// its events are recorded.
inline constexpr std::uintptr_t attention = ~std::uintptr_t{0};

/// What the inlined fast paths need of the running thread. The first line is the fork's, the rest
/// is read by loops and by cold code. Nothing in here depends on NDEBUG.
struct alignas(64) hot_state {
    /// The poll word: the low end of the stack, below which a job's address means overflow, or
    /// `attention`. Written by the owner and, to raise it, by any thread.
    atomic<std::uintptr_t> limit{attention};
    /// The newest private job: the head of the list that runs down the stack. Owner only.
    job* tail = nullptr;
    /// The runtime's record of this thread; null on a thread that is outside.
    void* thread = nullptr;
    /// How long a loop runs between two polls, and what the rest of a loop must at least take for
    /// a split to pay, both in ticks of the processor's clock.
    std::uint64_t poll_period = 0;
    std::uint64_t worth_a_steal = 0;
    /// The number of the place, or -1 outside.
    std::int32_t place = -1;
    /// Set once the thread's own destructors have run: from then on nothing is kept for it.
    bool ending = false;
    /// The bounds of the thread's stack, zero before its first entry.
    std::uintptr_t stack_low = 0;
    std::uintptr_t stack_high = 0;

    // The second line.

    /// The views of reducers that the running strand has made; null for none. See views.hpp.
    view_map* views = nullptr;

    /// The runtime's record of this thread that is in a blocking section, or null: verbs in there
    /// use its runtime.
    void* outer = nullptr;

    // What belongs to the thread itself, whatever it runs and for whichever
    // runtime. An entry that puts a hot state aside leaves it alone. See per_thread.hpp.

    /// Where this thread's values of each per_thread are, by the number of the container.
    thread_value* values = nullptr;
    std::uint32_t value_count = 0;
    /// Set once the table is gone for good, as the thread's own destructors run.
    bool values_ended = false;
    /// Tells this thread from all others of the process, also from those that have ended; 0 until
    /// its first use.
    std::uint64_t thread_number = 0;
};

static_assert(sizeof(hot_state) <= 128 && alignof(hot_state) == 64);

// One variable under two access models. In an executable the header defines it, and a fork reaches
// it with one instruction (local-exec). Position-independent code may end up in a plug-in that is
// opened with RTLD_LOCAL and would get a copy of its own, so it refers to the symbol that libtwill
// exports (initial-exec); the dynamic linker binds that one to the executable's.
#if defined(TWILL_ATOMIC_HEADER)
TWILL_INLINE hot_state& hot() noexcept {
    return *static_cast<hot_state*>(simulated_thread_storage());
}
#elif defined(TWILL_BUILDING) || (defined(__PIC__) && !defined(__PIE__))
TWILL_API extern constinit thread_local hot_state this_thread
    __attribute__((tls_model("initial-exec")));
TWILL_INLINE hot_state& hot() noexcept { return this_thread; }
#else
TWILL_API inline constinit thread_local hot_state this_thread
    __attribute__((tls_model("local-exec"))){};
TWILL_INLINE hot_state& hot() noexcept { return this_thread; }
#endif

/// Is this thread outside of every runtime?
TWILL_INLINE bool outside() noexcept { return __builtin_expect(hot().thread == nullptr, 0); }

/// Does this thread run no task? Then it is outside and in no blocking section of one.
TWILL_INLINE bool in_no_task() noexcept { return outside() && hot().outer == nullptr; }

/// Is the poll word raised? So it always is outside.
TWILL_INLINE bool attended() noexcept { return poll_raised(hot().limit); }
static_assert(attention == ~std::uintptr_t{0});

} // namespace twill::inline abi_1::detail
