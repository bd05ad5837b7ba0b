// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// The part of a reducer that does not depend on its type, and the map in which a strand keeps the
/// views that it has made. Frigo, Halpern, Leiserson, Lewin-Berlin: Reducers and other Cilk++
/// hyperobjects (SPAA 2009).

#include "twill/detail/atomic.hpp"
#include "twill/detail/config.hpp"
#include "twill/detail/hot_state.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>

namespace twill::inline abi_1::detail {

class reducer_base;

/// The head of a view; its value follows in the derived type.
struct view {
    view* next = nullptr;
};

struct view_entry {
    /// Null if the entry is free.
    reducer_base* of;
    view* what;
};

/// The views of one strand: a hash table with linear probing, whose `mask + 1` entries follow.
struct alignas(16) view_map {
    /// In a list of maps that wait to be merged.
    view_map* next;
    std::uint32_t mask;
    std::uint32_t count;

    [[nodiscard]] TWILL_INLINE view_entry* entries() noexcept {
        return reinterpret_cast<view_entry*>(this + 1);
    }
    /// Where the search for a reducer begins.
    [[nodiscard]] TWILL_INLINE view_entry& first_entry(const reducer_base* of) noexcept {
        constexpr std::uint64_t golden_ratio = 0x9e3779b97f4a7c15u; // times 2^64
        return entries()[reinterpret_cast<std::uintptr_t>(of) * golden_ratio >> 32 & mask];
    }
};

/// What the maps know of a reducer.
class reducer_base {
public:
    reducer_base(const reducer_base&) = delete;
    reducer_base& operator=(const reducer_base&) = delete;

    // For runtime/sched/views.cpp.

    /// Puts `later` to the right of a view of a strand, and destroys it. False: that failed, and so
    /// the earlier view means nothing any more.
    bool absorb(view& earlier, view* later) noexcept;

    /// Puts a view to the right of the base value, and destroys it.
    void absorb_into_base(view* later) noexcept;

    /// Puts a view aside that means nothing any more: somebody may have a reference to it.
    void bury(view* one) noexcept;

    /// Inside a handler: keeps the current exception if it is the first.
    void keep_failure() noexcept;

protected:
    reducer_base() = default;
    ~reducer_base() = default;

    void set_base(view& base) noexcept { base_ = &base; }

    /// The running strand's view if the first look finds it.
    [[nodiscard]] TWILL_INLINE view* find() const noexcept {
        view_map* map = hot().views;
        if (__builtin_expect(map != nullptr, 1)) {
            const view_entry& first = map->first_entry(this);
            if (__builtin_expect(first.of == this, 1)) {
                if (first.what == nullptr) {
                    __builtin_unreachable(); // spares the caller a test
                }
                return first.what;
            }
        }
        return nullptr;
    }

    /// After find() in vain: the strand's view, the base value outside of every verb, or null: then
    /// the caller makes a view and adds it. Throws what a combination threw.
    TWILL_API TWILL_COLD view* look_up();
    TWILL_API TWILL_COLD void add(view& made);

    /// The end of the reducer: of its views only the running strand's may be left.
    TWILL_API TWILL_COLD void end_use() noexcept;

private:
    virtual void combine(view& earlier, view& later) = 0;
    virtual void destroy(view* one) noexcept = 0;

    void lock() noexcept;
    void unlock() noexcept;

    view* base_ = nullptr;
    /// Guards the base value while verbs end, and the two below: free, taken, or taken and waited
    /// for.
    atomic<std::uint32_t> lock_{0};
    atomic<std::uint32_t> failed_{0};
    std::exception_ptr failure_;
    view* buried_ = nullptr;
    /// How many views there are beside the base value.
    atomic<std::uint64_t> views_{0};
};

} // namespace twill::inline abi_1::detail
