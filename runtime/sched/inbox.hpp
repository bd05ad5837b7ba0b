// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sched/counted_lock.hpp"

namespace twill::sched {

struct thread_record;

/// The tickets of guests that wait for a place, first come, first served. A ticket is the guest's
/// record itself: a guest that has to wait must not find that there is no memory to wait in. The
/// lock's count is the number of tickets. The links are atomic, and relaxed, so that the explorer
/// tells one order of the tickets from another; the lock orders them.
class inbox {
public:
    inbox() = default;
    inbox(const inbox&) = delete;
    inbox& operator=(const inbox&) = delete;

    /// Queues the ticket of `guest`, which then looks at the places once more and sleeps.
    void push(thread_record& guest) noexcept;

    /// The ticket that waits longest, or null. Whoever gets it owes that guest a place.
    [[nodiscard]] thread_record* pop() noexcept;

    /// Takes the ticket of `guest` out. False if it is not there: somebody has it.
    [[nodiscard]] bool remove(thread_record& guest) noexcept;

    /// seq_cst: a guest pushes and then looks at the places; whoever frees a place changes the
    /// places and then looks here.
    [[nodiscard]] bool waiting() const noexcept { return lock_.count() > 0; }

private:
    counted_lock lock_;
    detail::atomic<thread_record*> oldest_{nullptr};
    detail::atomic<thread_record*> newest_{nullptr};
};

} // namespace twill::sched
