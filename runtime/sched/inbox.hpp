// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "twill/detail/atomic.hpp"

#include <cstdint>
#include <memory>

namespace twill::sched {

struct thread_record;

/// The tickets of guests that wait for a place, first come, first served. The queue behind it is a
/// concurrent one from a library; what the protocols need is the count beside it.
class inbox {
public:
    inbox();
    ~inbox();
    inbox(const inbox&) = delete;
    inbox& operator=(const inbox&) = delete;

    /// Queues the ticket of `guest`, which then looks at the places once more and sleeps.
    void push(thread_record& guest);

    /// The ticket that waits longest, or null. Whoever gets it owes that guest a place.
    thread_record* pop();

    /// seq_cst: a guest pushes and then looks at the places; whoever frees a place changes the
    /// places and then looks here.
    [[nodiscard]] bool waiting() const noexcept { return count_.load(detail::seq_cst) > 0; }

private:
    struct queue;
    detail::atomic<std::int64_t> count_{0};
    std::unique_ptr<queue> queue_;
};

} // namespace twill::sched
