// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sched/counted_lock.hpp"
#include "twill/detail/submission.hpp"

namespace twill::sched {

using detail::submission;

/// What was submitted and has not begun, oldest first. Who waits for one takes it out of the
/// middle. The lock's count is their number.
class submission_queue {
public:
    submission_queue() = default;
    submission_queue(const submission_queue&) = delete;
    submission_queue& operator=(const submission_queue&) = delete;

    /// seq_cst: who puts one in and then looks at the places, against who frees a place and then
    /// looks here.
    [[nodiscard]] std::uint32_t count() const noexcept { return lock_.count(); }

    void put(submission& one) noexcept {
        const std::uint32_t before = lock_.lock();
        one.previous = newest_;
        one.next = nullptr;
        (newest_ == nullptr ? oldest_ : newest_->next) = &one;
        newest_ = &one;
        lock_.unlock(before + 1);
    }

    /// Null if there is none. Whoever gets one runs it.
    [[nodiscard]] submission* take_oldest() noexcept {
        if (lock_.count() == 0) {
            return nullptr;
        }
        std::uint32_t before = lock_.lock();
        submission* const one = oldest_;
        if (one != nullptr) {
            unlink(*one);
            --before;
        }
        lock_.unlock(before);
        return one;
    }

    /// False if it has begun.
    [[nodiscard]] bool take(submission& one) noexcept {
        const auto queued = [&one] {
            return (one.state.load(detail::relaxed) & ~std::uint32_t{submission::awaited}) ==
                   submission::queued;
        };
        if (!queued()) {
            return false;
        }
        const std::uint32_t before = lock_.lock();
        const bool taken = queued();
        if (taken) {
            unlink(one);
        }
        lock_.unlock(taken ? before - 1 : before);
        return taken;
    }

private:
    void unlink(submission& one) noexcept {
        (one.previous == nullptr ? oldest_ : one.previous->next) = one.next;
        (one.next == nullptr ? newest_ : one.next->previous) = one.previous;
        one.state.fetch_or(submission::begun, detail::relaxed);
    }

    counted_lock lock_;
    submission* oldest_ = nullptr;
    submission* newest_ = nullptr;
};

/// Sleeps until a submission has ended: `sleep(word, expected)` is a futex wait that returns false
/// when it gives up. True if the submission has ended.
template <class Sleep>
bool sleep_until_ended(submission& one, Sleep sleep) {
    // acquire, throughout: pairs with the release in end_submission()
    std::uint32_t seen = one.state.load(detail::acquire);
    bool in_time = true;
    while (seen != submission::ended && in_time) {
        if ((seen & submission::awaited) != 0 ||
            one.state.compare_exchange_weak(seen, seen | submission::awaited, detail::acquire,
                                            detail::acquire)) {
            in_time = sleep(one.state, seen | submission::awaited);
            seen = one.state.load(detail::acquire);
        }
    }
    return seen == submission::ended;
}

} // namespace twill::sched
