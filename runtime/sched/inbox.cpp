// SPDX-License-Identifier: Apache-2.0
#include "sched/inbox.hpp"

#include <oneapi/tbb/concurrent_queue.h>

namespace twill::sched {

namespace {

// oneTBB's allocator is compiled into its library, where ThreadSanitizer cannot see that memory
// goes from one thread to the next.
#if defined(TWILL_THREAD_SANITIZER) || defined(TWILL_ATOMIC_HEADER)
using ticket_allocator = std::allocator<thread_record*>;
#else
using ticket_allocator = oneapi::tbb::cache_aligned_allocator<thread_record*>;
#endif

} // namespace

struct inbox::queue {
    oneapi::tbb::concurrent_queue<thread_record*, ticket_allocator> tickets;
};

inbox::inbox() : queue_(std::make_unique<queue>()) {}
inbox::~inbox() = default;

void inbox::push(thread_record& guest) {
    queue_->tickets.push(&guest);
    count_.fetch_add(1, detail::seq_cst);
}

// The count first: a thread that is held up between the two steps would otherwise leave others to
// see a ticket that is not there, and to look again and again.
thread_record* inbox::pop() {
    std::int64_t seen = count_.load(detail::seq_cst);
    do {
        if (seen == 0) {
            return nullptr;
        }
    } while (!count_.compare_exchange_weak(seen, seen - 1, detail::seq_cst, detail::seq_cst));
    // A ticket is counted after it was queued, so there is one for each that takes from the count.
    thread_record* guest = nullptr;
    while (!queue_->tickets.try_pop(guest)) {
        detail::pause();
    }
    return guest;
}

} // namespace twill::sched
