// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "os/thread_state.hpp"
#include "sched/waits_for.hpp"
#include "twill/detail/atomic.hpp"
#include "twill/detail/clock.hpp"

#include <cstdint>

namespace twill::sched {

class scheduler;

/// Whether there is a watchdog. It does not change while a runtime lives; without a watchdog no
/// note is taken.
extern detail::atomic<std::uint32_t> watchdog_on;
inline bool watched() noexcept { return watchdog_on.load(detail::relaxed) != 0; }

/// What one thread waits for, written by it and read by the watchdog at any time.
///
/// 1. The thread: since = 0, the words, since = now. At the end: since = 0.
/// 2. The reader: since, the words, since. The same instant twice: the words belong to it. The
/// words
///    are stores of release and loads of acquire, so that whoever reads a newer word sees the 0
///    that came before it.
/// 3. Who wants to look at the object itself sets `held_` and then looks whether the wait still
///    stands; the thread ends its wait and then looks at `held_`. All seq_cst, so one of the two
///    sees the other, and the object stays as long as the look takes.
class wait_note {
public:
    struct view {
        waits_for what = waits_for::nothing;
        const void* object = nullptr;
        /// In ticks; 0 where nothing is waited for.
        std::uint64_t since = 0;
    };

    // --- the thread itself

    void begin(waits_for what, const void* object = nullptr) noexcept {
        if (!watched()) {
            return;
        }
        since_.store(0, detail::relaxed);
        what_.store(static_cast<std::uint32_t>(what), detail::release);
        object_.store(object, detail::release);
        since_.store(detail::ticks(), detail::release);
    }

    void end() noexcept {
        if (!watched()) {
            return;
        }
        since_.store(0, detail::seq_cst);
        while (held_.load(detail::seq_cst) != 0) {
            detail::yield_slice();
        }
    }

    /// Begins to run a submission, or with null ends; returns what it has been running.
    const void* runs(const void* submission) noexcept {
        const void* const before = submission_.load(detail::relaxed);
        if (watched()) {
            submission_.store(submission, detail::relaxed);
        }
        return before;
    }

    /// The record is the calling thread's from now on.
    void belongs_to_caller() noexcept {
        if (watched()) {
            thread_.store(os::thread_number(), detail::relaxed);
        }
    }

    // --- the watchdog

    [[nodiscard]] view read() const noexcept {
        view seen;
        do {
            seen.since = since_.load(detail::acquire);
            if (seen.since == 0) {
                return {};
            }
            seen.what = static_cast<waits_for>(what_.load(detail::acquire));
            seen.object = object_.load(detail::acquire);
        } while (since_.load(detail::relaxed) != seen.since);
        return seen;
    }

    /// Calls `look` if the wait of `seen` still stands, whose object then stays.
    template <class Look>
    bool look_at_object(const view& seen, Look look) noexcept {
        held_.store(1, detail::seq_cst);
        const bool stands = since_.load(detail::seq_cst) == seen.since;
        if (stands) {
            look();
        }
        held_.store(0, detail::release); // the look comes before the thread goes on
        return stands;
    }

    /// The kernel's number of the thread; 0 if it has none.
    [[nodiscard]] int thread() const noexcept { return thread_.load(detail::relaxed); }

    /// The submission that the thread runs, or null.
    [[nodiscard]] const void* submission() const noexcept {
        return submission_.load(detail::relaxed);
    }

private:
    detail::atomic<std::uint64_t> since_{0};
    detail::atomic<std::uint32_t> what_{0};
    detail::atomic<const void*> object_{nullptr};
    detail::atomic<const void*> submission_{nullptr};
    detail::atomic<std::int32_t> thread_{0};
    detail::atomic<std::uint32_t> held_{0};
};

/// A wait of a thread outside for what is of a runtime but has no record there, since the runtime
/// may be gone before the thread goes on. Cheap only without a watchdog: else it takes a lock.
class outside_wait {
public:
    /// Of nothing if `in` is null.
    outside_wait(scheduler* in, waits_for what, const void* object = nullptr) noexcept {
        if (in != nullptr && watched()) {
            link(in, what, object);
        }
    }
    ~outside_wait() {
        if (linked_) {
            unlink();
        }
    }
    outside_wait(const outside_wait&) = delete;
    outside_wait& operator=(const outside_wait&) = delete;

    [[nodiscard]] const outside_wait* next() const noexcept { return next_; }
    [[nodiscard]] const scheduler* in() const noexcept { return in_; }
    [[nodiscard]] int thread() const noexcept { return thread_; }
    [[nodiscard]] const wait_note::view& wait() const noexcept { return wait_; }

private:
    void link(scheduler* in, waits_for what, const void* object) noexcept;
    void unlink() noexcept;

    bool linked_ = false;
    std::uint32_t generation_ = 0;
    outside_wait* next_ = nullptr;
    outside_wait* previous_ = nullptr;
    scheduler* in_ = nullptr;
    int thread_ = 0;
    wait_note::view wait_;
};

/// What the watchdog keeps for a scheduler: under its lock.
struct watch_state {
    scheduler* next = nullptr;
    /// What was seen at the last look: of the runtime's own words, and of the kernel's.
    std::uint64_t words = 0;
    std::uint64_t kernel = 0;
    std::uint64_t quiet_nanoseconds = 0;
    bool told = false;
};

} // namespace twill::sched
