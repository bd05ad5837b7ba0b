// SPDX-License-Identifier: Apache-2.0
#include "sched/inbox.hpp"

#include "sched/thread_record.hpp"

namespace twill::sched {

void inbox::push(thread_record& guest) noexcept {
    const std::uint32_t before = lock_.lock();
    thread_record* const newest = before > 0 ? newest_.load(detail::relaxed) : nullptr;
    (newest == nullptr ? oldest_ : newest->next_ticket).store(&guest, detail::relaxed);
    newest_.store(&guest, detail::relaxed);
    lock_.unlock(before + 1);
}

thread_record* inbox::pop() noexcept {
    if (lock_.count() == 0) {
        return nullptr;
    }
    const std::uint32_t before = lock_.lock();
    if (before == 0) {
        lock_.unlock(0);
        return nullptr;
    }
    thread_record* const guest = oldest_.load(detail::relaxed);
    if (before > 1) {
        oldest_.store(guest->next_ticket.load(detail::relaxed), detail::relaxed);
    }
    lock_.unlock(before - 1);
    return guest;
}

bool inbox::remove(thread_record& guest) noexcept {
    if (lock_.count() == 0) {
        return false;
    }
    const std::uint32_t before = lock_.lock();
    thread_record* previous = nullptr;
    thread_record* at = oldest_.load(detail::relaxed);
    std::uint32_t left = before;
    while (left > 0 && at != &guest) {
        previous = at;
        at = at->next_ticket.load(detail::relaxed);
        --left;
    }
    if (left == 0) {
        lock_.unlock(before);
        return false;
    }
    if (left == 1) {
        newest_.store(previous, detail::relaxed); // null only if none is left
    } else {
        thread_record* const next = guest.next_ticket.load(detail::relaxed);
        (previous == nullptr ? oldest_ : previous->next_ticket).store(next, detail::relaxed);
    }
    lock_.unlock(before - 1);
    return true;
}

} // namespace twill::sched
