// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// task_group: any number of tasks, from any thread, and a wait for all of them.

#include "twill/detail/group.hpp"
#include "twill/detail/kind.hpp"
#include "twill/options.hpp"
#include "twill/priority.hpp"

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace twill::inline abi_1 {

/// The bound of a limited task_group: at most `n` of its tasks are pending (put in, not begun);
/// above that run() runs the new task itself. Values below 1 count as 1. O(1); throws nothing.
class limit {
public:
    template <class Integer>
    constexpr explicit limit(Integer tasks) noexcept
        : tasks_(tasks < 1 ? 1 : static_cast<std::size_t>(tasks)) {
        static_assert(std::integral<Integer> && !std::same_as<Integer, bool>,
                      "twill: limit(n) takes an integer number of tasks");
    }
    /// The bound, at least 1.
    [[nodiscard]] constexpr std::size_t tasks() const noexcept { return tasks_; }

private:
    std::size_t tasks_;
};

/// Tasks that run at the same time as whoever put them in: run() any number of times, from any
/// thread and from inside its tasks, and wait() for all of them. Where the tasks form a tree,
/// parallel_invoke and the loops cost less: use a group where they come one by one.
///
/// A group belongs to the runtime of the thread that makes it (on a thread outside the default
/// one), which it must not outlive. Tasks of one thread are begun newest first by itself and oldest
/// first by others. A task that throws makes the group drop what has not begun; the first exception
/// is thrown by the next wait().
///
/// ```cpp
/// std::atomic<int> sum = 0;
/// twill::task_group group;
/// for (int k = 1; k <= 100; ++k) {
///     group.run([k, &sum] { sum += k; });
/// }
/// group.wait();
/// // sum == 5050
/// ```
class task_group {
public:
    /// O(1), no memory. Throws nothing.
    task_group() noexcept { detail::group_begin_slow(room_, 0); }

    /// A group of which at most `most` tasks are pending: for a producer that is faster than the
    /// tasks. O(1), no memory. Throws nothing.
    ///
    /// ```cpp
    /// std::atomic<int> ran = 0;
    /// twill::task_group group{twill::limit(64)};
    /// for (int k = 0; k < 10'000; ++k) {
    ///     group.run([&ran] { ++ran; });
    /// }
    /// group.wait();
    /// // ran == 10'000
    /// ```
    explicit task_group(limit most) noexcept { detail::group_begin_slow(room_, most.tasks()); }

    task_group(const task_group&) = delete;
    task_group& operator=(const task_group&) = delete;

    /// Waits for the tasks. While an exception unwinds the scope of the group (one that was not
    /// there when the group was made) it first drops those that have not begun. If a task has
    /// thrown what no wait() has thrown on, the program ends by std::terminate with a message,
    /// unless another exception unwinds.
    ~task_group() { detail::group_destroy_slow(room_); }

    /// Adds a task and returns; some thread will run it, at the latest one in wait(). Never waits.
    ///
    /// In a group with a limit, at the limit, the new task is run by the caller before run()
    /// returns, where the caller is in a task or verb of the group's runtime.
    ///
    /// \param task  callable without arguments, copied or moved into the group (it may be
    /// move-only)
    ///              and destroyed right after its call; what it returns is dropped. Up to 56 bytes
    ///              that are trivially copyable need no memory of their own; a pending task takes
    ///              64 bytes beside those of other closures, which go back to the allocator by the
    ///              end of wait().
    /// \param options  a twill::kind. Without one the task is of none, whatever task puts it in or
    ///                 waits for it.
    /// \throws std::bad_alloc if there is no memory, and what the copy or move of `task` throws;
    ///         the group is then as before.
    ///
    /// O(1). Thread-safe: callable from any thread, also while others wait.
    ///
    /// \param options  twill::kind, twill::priority and one of twill::at(node) and
    ///                 twill::near(pointer), in any order. Tasks of another level than normal go
    ///                 through one queue of the group each level, under a lock, so they cost some
    ///                 times what normal ones cost; among themselves the oldest begins first. The
    ///                 same is true of those that are meant for one node. A level or a node counts
    ///                 for whoever looks for a task, not for run() at the limit of a group; with
    ///                 both, the level says where a task lies, and the node who is woken for it.
    template <class Task, class... Options>
    void run(Task&& task, const Options&... options) {
        static_assert(std::is_constructible_v<std::decay_t<Task>, Task>,
                      "twill: task_group::run copies or moves its task, which can be neither");
        static_assert(std::is_invocable_v<std::decay_t<Task>&>,
                      "twill: a task of a task_group must be callable without arguments");
        constexpr int kinds = (0 + ... + (std::is_same_v<Options, kind> ? 1 : 0));
        constexpr int levels = (0 + ... + (detail::is_priority<Options> ? 1 : 0));
        constexpr int places = (0 + ... + (detail::is_place<Options> ? 1 : 0));
        static_assert(kinds <= 1 && levels <= 1 && places <= 1 &&
                          kinds + levels + places == sizeof...(Options),
                      "twill: after its task task_group::run takes a twill::kind, a "
                      "twill::priority and twill::at(node) or twill::near(pointer), each once at "
                      "the most");
        const auto put = [this, &options...](auto&& given) {
            using Given = decltype(given);
            if constexpr (places != 0) {
                detail::put_in_group(room_, std::forward<Given>(given),
                                     detail::find_level(options...),
                                     detail::find_place(options...));
            } else if constexpr (levels == 0) {
                ((void)options, ...);
                detail::put_in_group(room_, std::forward<Given>(given));
            } else {
                detail::put_in_group(room_, std::forward<Given>(given),
                                     detail::find_level(options...));
            }
        };
        if constexpr (kinds == 0) {
            put(std::forward<Task>(task));
        } else {
            put(detail::of_kind<std::decay_t<Task>>{std::forward<Task>(task),
                                                    detail::find_kind(options...).number()});
        }
    }

    /// Returns when all tasks have ended whose run() happens before this call, and all that those
    /// have put in. Meanwhile it runs tasks of this group and what they fork, no other ones; when
    /// there are none, the worker goes to another thread.
    ///
    /// \throws the first exception of a task, once; by then all that had begun has ended and the
    ///         rest is dropped. The group can be used again.
    ///
    /// Thread-safe: several threads may wait; one of them gets the exception. Not to be called from
    /// a task of the same group, which would wait for itself: in a program without NDEBUG that ends
    /// the program with a message where the thread can tell, else TWILL_WATCHDOG reports it.
    void wait() { finish(nullptr); }

    /// The same, and once a stop is requested tasks that have not begun are dropped.
    ///
    /// \param token  a std::stop_token, or what answers stop_requested() and stop_possible(); read
    ///               before each task by whoever runs it, so in several threads at a time.
    /// \return outcome::stopped if a task was dropped, else outcome::completed.
    /// \throws as wait().
    ///
    /// ```cpp
    /// std::stop_source source;
    /// std::atomic<int> ran = 0;
    /// twill::task_group group;
    /// source.request_stop();
    /// for (int k = 0; k < 100; ++k) { group.run([&ran] { ++ran; }); }
    /// const bool all = group.wait(source.get_token()) == twill::outcome::completed;
    /// // all == (ran == 100)
    /// ```
    template <detail::stop_token Token>
    outcome wait(const Token& token) {
        detail::stop_probe probe{[](const void* opaque) noexcept {
                                     return static_cast<const Token*>(opaque)->stop_requested();
                                 },
                                 __builtin_addressof(token), nullptr};
        return finish(&probe) == detail::group_end::stopped ? outcome::stopped : outcome::completed;
    }

private:
    detail::group_end finish(detail::stop_probe* probe) {
#if !defined(NDEBUG)
        if (detail::group_runs_caller_slow(room_)) {
            detail::misuse_slow("a task of a task_group waits for its own group");
        }
#endif
        std::exception_ptr failed;
        const detail::group_end end = detail::group_wait_slow(room_, probe, failed);
#if defined(__cpp_exceptions)
        if (__builtin_expect(end == detail::group_end::threw, 0)) {
            std::rethrow_exception(std::move(failed));
        }
#endif
        return end;
    }

    detail::group_room room_;
};

} // namespace twill::inline abi_1
