// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// What a task_group and the runtime share: a task as it waits in a bag, and the group's room.

#include "twill/detail/config.hpp"
#include "twill/detail/placement.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>
#include <type_traits>
#include <utility>

namespace twill::inline abi_1::detail {

/// The largest closure that lies in a task itself, in bytes.
inline constexpr std::size_t largest_task_closure = 56;

using group_act = void (*)(void* closure, bool run) noexcept;

/// A task of a group that nobody has begun: one cache line that may be copied as bytes. A closure
/// that is larger, or not trivially copyable, lies in memory of its own.
struct alignas(64) group_task {
    /// Runs the closure if `run`, and ends its life in either case. What it needs of the task is
    /// read before the callable begins: the memory may then be another task's.
    group_act act;
    std::uint64_t closure[largest_task_closure / sizeof(std::uint64_t)];

    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): whoever makes one fills it
    group_task() noexcept {}
};
static_assert(sizeof(group_task) == 64);

/// The room of a group, whose inside is the runtime's (runtime/sched/group.hpp).
struct group_room {
    alignas(64) unsigned char bytes[512];
};

/// Asks a stop token of any type; lies in the frame of the wait that it belongs to.
struct stop_probe {
    bool (*stop_requested)(const void* token) noexcept;
    const void* token;
    stop_probe* next;
};

/// How a wait for a group has ended.
enum class group_end : int { completed, stopped, threw };

// The seam, as in slow_path.hpp.

/// `limit`: as many tasks may be pending; 0 for any number.
TWILL_API TWILL_APART void group_begin_slow(group_room& room, std::size_t limit) noexcept;
/// Waits or drops, and terminates over an exception that nobody has seen.
TWILL_API TWILL_APART void group_destroy_slow(group_room& room) noexcept;
/// The closure is so many words. False if there is no memory for it; then it is still the caller's.
TWILL_API TWILL_APART bool group_run_slow(group_room& room, group_act act,
                                          const std::uint64_t* closure, std::size_t words) noexcept;
/// The same for a task of another level: a number of twill::priority.
TWILL_API TWILL_COLD bool group_run_at_slow(group_room& room, group_act act,
                                            const std::uint64_t* closure, std::size_t words,
                                            std::uint32_t level) noexcept;
/// The same for a task that is meant for the threads of a node first.
TWILL_API TWILL_COLD bool group_run_near_slow(group_room& room, group_act act,
                                              const std::uint64_t* closure, std::size_t words,
                                              std::uint32_t level, const place_hint& hint) noexcept;
/// `failed` gets the exception if the end is `threw`.
TWILL_API TWILL_APART group_end group_wait_slow(group_room& room, stop_probe* probe,
                                                std::exception_ptr& failed) noexcept;
/// Inside a handler: the task that this thread runs has thrown the current exception.
TWILL_API TWILL_COLD void group_task_threw_slow() noexcept;
/// Is the caller inside a task of this group, as far as its own thread knows?
TWILL_API TWILL_COLD bool group_runs_caller_slow(const group_room& room) noexcept;
/// Ends the program with a line.
[[noreturn]] TWILL_API TWILL_COLD void misuse_slow(const char* what) noexcept;

template <class Callable>
inline constexpr bool lies_in_task =
    std::is_trivially_copyable_v<Callable> && sizeof(Callable) <= largest_task_closure &&
    alignof(Callable) <= alignof(void*);

template <class Callable>
void act_in_place(void* closure, bool run) noexcept {
    Callable callable = *std::launder(static_cast<Callable*>(closure));
    if (run) {
        TWILL_TRY { callable(); }
        TWILL_CATCH_ALL { group_task_threw_slow(); }
    }
}

template <class Callable>
void act_elsewhere(void* closure, bool run) noexcept {
    auto* callable = *std::launder(static_cast<Callable**>(closure));
    if (run) {
        TWILL_TRY { (*callable)(); }
        TWILL_CATCH_ALL { group_task_threw_slow(); }
    }
    delete callable;
}

/// Puts a callable into a group by `run`, one of the functions above, with what that takes
/// beside the closure. Throws std::bad_alloc, and what its copy or move throws.
template <class Callable, class Run, class... More>
TWILL_INLINE void put_in_group_by(Run run, group_room& room, Callable&& given,
                                  const More&... more) {
    using Held = std::decay_t<Callable>;
    constexpr bool in_place = lies_in_task<Held>;
    constexpr std::size_t bytes = in_place ? sizeof(Held) : sizeof(Held*);
    constexpr std::size_t words = (bytes + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t);
    std::uint64_t closure[words]; // NOLINT(cppcoreguidelines-pro-type-member-init)
    group_act act = nullptr;
    if constexpr (std::is_empty_v<Held>) {
        closure[0] = 0; // nothing of it would be written, and g++ warns of that in programs
    }
    if constexpr (in_place) {
        new (static_cast<void*>(closure)) Held(std::forward<Callable>(given));
        act = &act_in_place<Held>;
    } else {
        new (static_cast<void*>(closure)) Held*(new Held(std::forward<Callable>(given)));
        act = &act_elsewhere<Held>;
    }
    if (__builtin_expect(!run(room, act, closure, words, more...), 0)) {
        act(closure, false);
#if defined(__cpp_exceptions)
        throw std::bad_alloc();
#else
        std::terminate();
#endif
    }
}

template <class Callable>
void put_in_group(group_room& room, Callable&& given) {
    put_in_group_by(&group_run_slow, room, std::forward<Callable>(given));
}

template <class Callable>
void put_in_group(group_room& room, Callable&& given, std::uint32_t level) {
    put_in_group_by(&group_run_at_slow, room, std::forward<Callable>(given), level);
}

template <class Callable>
void put_in_group(group_room& room, Callable&& given, std::uint32_t level, const place_hint& hint) {
    put_in_group_by(&group_run_near_slow, room, std::forward<Callable>(given), level, hint);
}

} // namespace twill::inline abi_1::detail
