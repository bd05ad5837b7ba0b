// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// The simulated memory under the names of twill/detail/atomic.hpp: named by TWILL_ATOMIC_HEADER,
/// so that the production sources of runtime/sched and the fast paths compile against it.

#include "simulator/access.hpp"

#include <bit>
#include <cstdint>
#include <type_traits>

namespace twill::inline abi_1::detail {

using std::memory_order;
inline constexpr memory_order relaxed = std::memory_order_relaxed;
inline constexpr memory_order acquire = std::memory_order_acquire;
inline constexpr memory_order release = std::memory_order_release;
inline constexpr memory_order acq_rel = std::memory_order_acq_rel;
inline constexpr memory_order seq_cst = std::memory_order_seq_cst;

template <class T>
class atomic {
    static_assert((std::is_integral_v<T> || std::is_pointer_v<T>) && sizeof(T) <= 8);

public:
    constexpr atomic() noexcept : value_{} {
        if (!std::is_constant_evaluated()) {
            // On a stack the production type keeps whatever was there: nobody may rely on it.
            if (model::on_virtual_stack(this)) {
                value_ = from_bits(0x5a5a5a5a5a5a5a5au);
            }
            model::word_created(self());
        }
    }
    constexpr explicit atomic(T value) noexcept : value_(value) {
        if (!std::is_constant_evaluated()) {
            model::word_created(self());
        }
    }
    constexpr ~atomic() {
        if (!std::is_constant_evaluated()) {
            model::word_destroyed(self());
        }
    }
    atomic(const atomic&) = delete;
    atomic& operator=(const atomic&) = delete;

    T load(memory_order order) const noexcept { return from_bits(model::load(self(), order)); }
    void store(T value, memory_order order) noexcept {
        model::store(self(), to_bits(value), order);
    }
    T exchange(T value, memory_order order) noexcept {
        return modify(model::modification::exchange, value, order);
    }
    bool compare_exchange_strong(T& expected, T desired, memory_order success,
                                 memory_order failure) noexcept {
        return compare_exchange(expected, desired, success, failure, false);
    }
    bool compare_exchange_weak(T& expected, T desired, memory_order success,
                               memory_order failure) noexcept {
        return compare_exchange(expected, desired, success, failure, true);
    }
    T fetch_add(T value, memory_order order) noexcept {
        return modify(model::modification::add, value, order);
    }
    T fetch_sub(T value, memory_order order) noexcept {
        return modify(model::modification::subtract, value, order);
    }
    T fetch_or(T value, memory_order order) noexcept {
        return modify(model::modification::bit_or, value, order);
    }
    T fetch_and(T value, memory_order order) noexcept {
        return modify(model::modification::bit_and, value, order);
    }

    [[nodiscard]] const T& raw() const noexcept { return value_; }
    [[nodiscard]] model::cell self() const noexcept { return {const_cast<T*>(&value_), sizeof(T)}; }

private:
    static std::uint64_t to_bits(T value) noexcept {
        if constexpr (std::is_pointer_v<T>) {
            return reinterpret_cast<std::uintptr_t>(value);
        } else {
            return static_cast<std::make_unsigned_t<T>>(value);
        }
    }
    static T from_bits(std::uint64_t bits) noexcept {
        if constexpr (std::is_pointer_v<T>) {
            return reinterpret_cast<T>(bits);
        } else {
            return static_cast<T>(bits);
        }
    }
    T modify(model::modification what, T operand, memory_order order) noexcept {
        return from_bits(model::modify(self(), what, to_bits(operand), order));
    }
    bool compare_exchange(T& expected, T desired, memory_order success, memory_order failure,
                          bool weak) noexcept {
        std::uint64_t found = to_bits(expected);
        const bool done =
            model::compare_exchange(self(), found, to_bits(desired), success, failure, weak);
        expected = from_bits(found);
        return done;
    }

    T value_;
};

inline void pause() noexcept { model::spin_once(); }
inline void yield_slice() noexcept { model::spin_once(); }

inline void futex_wait(atomic<std::uint32_t>& word, std::uint32_t expected) noexcept {
    model::wait_on_futex(word.self(), expected);
}
inline void futex_wake(atomic<std::uint32_t>& word, int count) noexcept {
    model::wake_futex(word.self(), count);
}

inline bool poll_below(const void* address, const atomic<std::uintptr_t>& limit) noexcept {
    return reinterpret_cast<std::uintptr_t>(address) < limit.load(relaxed);
}
inline bool poll_raised(const atomic<std::uintptr_t>& limit) noexcept {
    return limit.load(relaxed) == ~std::uintptr_t{0};
}

inline std::uint64_t simulated_ticks() noexcept { return model::now(); }
inline void* simulated_thread_storage() noexcept { return model::thread_storage(); }

} // namespace twill::inline abi_1::detail
