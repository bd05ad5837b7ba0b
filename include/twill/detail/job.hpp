// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "twill/detail/atomic.hpp"
#include "twill/detail/config.hpp"

#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>

namespace twill::inline abi_1::detail {

/// The record of a forked task; it lies on its parent's stack. The closure, and later the result,
/// follow in the derived types.
struct alignas(16) job {
    /// The next older job of the same thread. The low bit is the mark, set when the job has been
    /// published; the next one says that the fork is being recorded. Owner only: thieves never read
    /// it.
    std::uintptr_t link;
    /// Runs the job on the thread that stole it and ends with finish_slow().
    void (*run)(job*) noexcept;
    /// Written by cold code only, so a fork leaves it as it is; runtime/sched/job_state.hpp tells
    /// what is in it.
    atomic<std::uint64_t> state;
};

#if defined(__x86_64__) && !defined(TWILL_THREAD_SANITIZER) && !defined(TWILL_ATOMIC_HEADER)
#define TWILL_ONE_STORE_FOR_TWO_WORDS 1
using two_words = long long __attribute__((vector_size(16)));
#endif

inline constexpr std::uintptr_t mark_bit = 1;
/// Set by fork_poll_slow() alone, so that a fork which did not go there never sees it.
inline constexpr std::uintptr_t recorded_bit = 2;

TWILL_INLINE std::uintptr_t link_to(job* older) noexcept {
    return reinterpret_cast<std::uintptr_t>(older);
}
TWILL_INLINE job* older_than(const job& newer) noexcept {
    return reinterpret_cast<job*>(newer.link & ~(mark_bit | recorded_bit));
}
TWILL_INLINE bool is_marked(const job& one) noexcept {
    return __builtin_expect((one.link & mark_bit) != 0, 0);
}
/// Is the join of a fork that went to fork_poll_slow() the runtime's business?
inline bool joins_slowly(const job& one) noexcept {
    return (one.link & (mark_bit | recorded_bit)) != 0;
}

/// How a stolen job ended.
enum class job_end : std::uint64_t { returned, threw };

// What bounds a fork is the number of its stores: processors that issue five instructions a cycle
// write one cache line a cycle. So two words that lie side by side are written by one instruction
// where the processor has one for it. Compilers do not see it, or widen the load as well and then
// wait for the store before it.

/// Puts `fresh` before the newest job of the thread, which `tail` names, and says how it runs.
TWILL_INLINE void begin_job(job& fresh, job* const& tail,
                            void (*const& run)(job*) noexcept) noexcept {
#if defined(TWILL_ONE_STORE_FOR_TWO_WORDS)
    two_words head;
#if defined(__AVX__)
    asm("vmovq {%1, %0|%0, %1}\n\tvmovhps {%2, %0, %0|%0, %0, %2}"
        : "=&x"(head)
        : "m"(tail), "m"(run));
#else
    asm("movq {%1, %0|%0, %1}\n\tmovhps {%2, %0|%0, %2}" : "=&x"(head) : "m"(tail), "m"(run));
#endif
    static_assert(offsetof(job, link) == 0 && offsetof(job, run) == sizeof(std::uintptr_t));
    __builtin_memcpy(static_cast<void*>(__builtin_addressof(fresh)), &head, sizeof head);
#else
    fresh.link = link_to(tail);
    fresh.run = run;
#endif
}

/// The same before `older`, which is in a register.
TWILL_INLINE void begin_job_after(job& fresh, job* older,
                                  void (*const& run)(job*) noexcept) noexcept {
#if defined(TWILL_ONE_STORE_FOR_TWO_WORDS)
    two_words head;
#if defined(__AVX__)
    asm("vmovq {%1, %0|%0, %1}\n\tvmovhps {%2, %0, %0|%0, %0, %2}"
        : "=&x"(head)
        : "r"(older), "m"(run));
#else
    asm("movq {%1, %0|%0, %1}\n\tmovhps {%2, %0|%0, %2}" : "=&x"(head) : "r"(older), "m"(run));
#endif
    __builtin_memcpy(static_cast<void*>(__builtin_addressof(fresh)), &head, sizeof head);
#else
    fresh.link = link_to(older);
    fresh.run = run;
#endif
}

/// Copies a closure into a job.
template <class Callable>
TWILL_INLINE void store_closure(Callable& into, const Callable& from) {
#if defined(TWILL_ONE_STORE_FOR_TWO_WORDS) && defined(__clang__) // g++ sees it by itself
    if constexpr (sizeof(Callable) == sizeof(two_words) && std::is_trivially_copyable_v<Callable>) {
        long long words[2];
        __builtin_memcpy(words, __builtin_addressof(from), sizeof words);
        const two_words both{words[0], words[1]};
        __builtin_memcpy(__builtin_addressof(into), &both, sizeof both);
        return;
    }
#endif
    new (__builtin_addressof(into)) Callable(from);
}

} // namespace twill::inline abi_1::detail
