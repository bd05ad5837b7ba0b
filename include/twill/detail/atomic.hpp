// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// The one door to shared memory: every atomic word, pause, futex and poll of Twill goes through
/// this header. The schedule explorer and other builds that want to watch or to simulate memory
/// name a header of their own in TWILL_ATOMIC_HEADER, which then supplies the same names.

#include <cstdint>
#include <type_traits>

#if defined(__SANITIZE_THREAD__)
#define TWILL_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TWILL_THREAD_SANITIZER 1
#endif
#endif

#if defined(TWILL_ATOMIC_HEADER)
#include TWILL_ATOMIC_HEADER
#else

namespace twill::inline abi_1::detail {

// Not std::memory_order: <atomic> is a third of what a first program would have to compile.
enum class memory_order : int {
    relaxed = __ATOMIC_RELAXED,
    acquire = __ATOMIC_ACQUIRE,
    release = __ATOMIC_RELEASE,
    acq_rel = __ATOMIC_ACQ_REL,
    seq_cst = __ATOMIC_SEQ_CST
};
inline constexpr memory_order relaxed = memory_order::relaxed;
inline constexpr memory_order acquire = memory_order::acquire;
inline constexpr memory_order release = memory_order::release;
inline constexpr memory_order acq_rel = memory_order::acq_rel;
inline constexpr memory_order seq_cst = memory_order::seq_cst;

/// A shared word. Unlike std::atomic it has no default order, and its default constructor leaves
/// the value as it is: a job's state is written by the cold path only, and a fork must not pay
/// for it. `T` is an integer or a pointer of at most 8 bytes.
template <class T>
class atomic {
    static_assert((std::is_integral_v<T> || std::is_pointer_v<T>) && sizeof(T) <= 8);

public:
    atomic() = default;
    constexpr explicit atomic(T value) noexcept : value_(value) {}
    atomic(const atomic&) = delete;
    atomic& operator=(const atomic&) = delete;

    [[gnu::always_inline]] T load(memory_order order) const noexcept {
        return __atomic_load_n(&value_, static_cast<int>(order));
    }
    [[gnu::always_inline]] void store(T value, memory_order order) noexcept {
        __atomic_store_n(&value_, value, static_cast<int>(order));
    }
    [[gnu::always_inline]] T exchange(T value, memory_order order) noexcept {
        return __atomic_exchange_n(&value_, value, static_cast<int>(order));
    }
    /// On failure `expected` takes the value found.
    [[gnu::always_inline]] bool compare_exchange_strong(T& expected, T desired,
                                                        memory_order success,
                                                        memory_order failure) noexcept {
        return __atomic_compare_exchange_n(&value_, &expected, desired, false,
                                           static_cast<int>(success), static_cast<int>(failure));
    }
    /// May fail for no reason: for loops only.
    [[gnu::always_inline]] bool compare_exchange_weak(T& expected, T desired, memory_order success,
                                                      memory_order failure) noexcept {
        return __atomic_compare_exchange_n(&value_, &expected, desired, true,
                                           static_cast<int>(success), static_cast<int>(failure));
    }
    [[gnu::always_inline]] T fetch_add(T value, memory_order order) noexcept {
        return __atomic_fetch_add(&value_, value, static_cast<int>(order));
    }
    [[gnu::always_inline]] T fetch_sub(T value, memory_order order) noexcept {
        return __atomic_fetch_sub(&value_, value, static_cast<int>(order));
    }
    [[gnu::always_inline]] T fetch_or(T value, memory_order order) noexcept {
        return __atomic_fetch_or(&value_, value, static_cast<int>(order));
    }
    [[gnu::always_inline]] T fetch_and(T value, memory_order order) noexcept {
        return __atomic_fetch_and(&value_, value, static_cast<int>(order));
    }

    /// For the poll's assembly only.
    [[nodiscard]] const T& raw() const noexcept { return value_; }

private:
    T value_;
};

/// Tells the processor that this thread spins.
[[gnu::always_inline]] inline void pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("isb" ::: "memory");
#endif
}

/// Gives the rest of the time slice to another thread that is ready (sched_yield).
void yield_slice() noexcept;

/// Sleeps while `word` holds `expected`; returns at a wake, at once if the value differs, or for
/// no reason: the caller looks at the word again.
void futex_wait(atomic<std::uint32_t>& word, std::uint32_t expected) noexcept;

/// Wakes at most `count` threads that sleep on `word`.
void futex_wake(atomic<std::uint32_t>& word, int count) noexcept;

/// The poll: is `address` below the word that others may raise? A relaxed load, one compare and a
/// branch that is predicted not taken; what a raised word asks for is ordered by the cold side.
[[gnu::always_inline]] inline bool poll_below(const void* address,
                                              const atomic<std::uintptr_t>& limit) noexcept {
#if defined(__x86_64__) && !defined(TWILL_THREAD_SANITIZER) && !defined(TWILL_PORTABLE_POLL)
    // One instruction that reads and compares: g++ keeps a plain atomic load apart from its
    // compare, and the fast path then grows out of what it inlines (README.md in this folder).
    asm goto("cmp {%1, %0|%0, %1}\n\tja %l2"
             :
             : "m"(limit.raw()), "r"(address)
             : "cc", "memory"
             : wanted);
    return false;
wanted:
    return true;
#else
    return __builtin_expect(reinterpret_cast<std::uintptr_t>(address) < limit.load(relaxed), 0);
#endif
}

/// Has the word that others may raise been raised to the largest address? As poll_below(), for code
/// that has no address to compare.
[[gnu::always_inline]] inline bool poll_raised(const atomic<std::uintptr_t>& limit) noexcept {
#if defined(__x86_64__) && !defined(TWILL_THREAD_SANITIZER) && !defined(TWILL_PORTABLE_POLL)
    asm goto("cmp{q} {$-1, %0|%0, -1}\n\tje %l1" : : "m"(limit.raw()) : "cc" : raised);
    return false;
raised:
    return true;
#else
    return __builtin_expect(limit.load(relaxed) == ~std::uintptr_t{0}, 0);
#endif
}

} // namespace twill::inline abi_1::detail

#endif
