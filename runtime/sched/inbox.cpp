// SPDX-License-Identifier: Apache-2.0
#include "sched/inbox.hpp"

#include <oneapi/tbb/concurrent_queue.h>

namespace twill::sched {

struct inbox::queue {
    oneapi::tbb::concurrent_queue<thread_record*> tickets;
};

inbox::inbox() : queue_(std::make_unique<queue>()) {}
inbox::~inbox() = default;

void inbox::push(thread_record& guest) {
    queue_->tickets.push(&guest);
    count_.fetch_add(1, detail::seq_cst);
}

thread_record* inbox::pop() {
    thread_record* guest = nullptr;
    if (!waiting() || !queue_->tickets.try_pop(guest)) {
        return nullptr;
    }
    count_.fetch_sub(1, detail::seq_cst);
    return guest;
}

} // namespace twill::sched
