// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sched/sized.hpp"
#include "twill/detail/atomic.hpp"

#include <cstdint>

namespace twill::sched {

/// A lock for a few instructions, and a count that is read without it: both are one word, so that
/// the store that unlocks publishes the new count. Its holder may lose its core, so who waits long
/// sleeps in the kernel.
///
/// count 30 | somebody sleeps | locked, from the high end.
class counted_lock {
public:
    static constexpr std::uint32_t count_max = (1u << 30) - 1;

    /// seq_cst: who changes the count and then looks elsewhere sees, or is seen by, who writes
    /// there and then looks here.
    [[nodiscard]] std::uint32_t count() const noexcept { return word_.load(detail::seq_cst) >> 2; }

    /// Returns the count.
    std::uint32_t lock() noexcept {
        std::uint32_t count = 0;
        return try_lock(count) ? count : lock_slow();
    }

    /// False if somebody holds the lock, or for no reason; else as lock(), with the count.
    [[nodiscard]] bool try_lock(std::uint32_t& count) noexcept {
        std::uint32_t seen = word_.load(detail::relaxed);
        count = seen >> 2;
        // acquire: pairs with the release in unlock()
        return (seen & locked) == 0 &&
               word_.compare_exchange_weak(seen, seen | locked, detail::acquire, detail::relaxed);
    }

    /// The holder raises the count before it unlocks. seq_cst: as in count().
    void raise(std::uint32_t by) noexcept { word_.fetch_add(by << 2, detail::seq_cst); }

    /// The holder unlocks and sets the count. This is its last touch, but for the address, which
    /// the kernel may look up in vain. seq_cst, with release in it: as in count().
    void unlock(std::uint32_t count) noexcept {
        if ((word_.exchange(count << 2, detail::seq_cst) & sleeper) != 0) {
            detail::futex_wake(word_, 1);
        }
    }
    void unlock() noexcept { unlock(word_.load(detail::relaxed) >> 2); }

private:
    static constexpr std::uint32_t locked = 1;
    static constexpr std::uint32_t sleeper = 2;
    static constexpr std::uint32_t spins = sized(64, 1);

    [[gnu::cold, gnu::noinline]] std::uint32_t lock_slow() noexcept {
        for (std::uint32_t round = 0; round < spins; ++round) {
            if (std::uint32_t count = 0; try_lock(count)) {
                return count;
            }
            detail::pause();
        }
        // Who has been asleep may not have been the only one: it locks as if others still slept.
        std::uint32_t seen = word_.load(detail::relaxed);
        for (;;) {
            if ((seen & locked) == 0) {
                if (word_.compare_exchange_weak(seen, seen | locked | sleeper, detail::acquire,
                                                detail::relaxed)) {
                    return seen >> 2;
                }
            } else if ((seen & sleeper) != 0 ||
                       word_.compare_exchange_weak(seen, seen | sleeper, detail::relaxed,
                                                   detail::relaxed)) {
                detail::futex_wait(word_, seen | sleeper);
                seen = word_.load(detail::relaxed);
            }
        }
    }

    detail::atomic<std::uint32_t> word_{0};
};

/// Holds a counted_lock for a scope; the count stays as it is.
class locked_scope {
public:
    explicit locked_scope(counted_lock& lock) noexcept : lock_(lock) { lock_.lock(); }
    ~locked_scope() { lock_.unlock(); }
    locked_scope(const locked_scope&) = delete;
    locked_scope& operator=(const locked_scope&) = delete;

private:
    counted_lock& lock_;
};

} // namespace twill::sched
