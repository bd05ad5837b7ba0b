// SPDX-License-Identifier: Apache-2.0
#include "load/kind_scopes.hpp"
#include "sched/away.hpp"
#include "sched/guest_record.hpp"
#include "sched/hinted.hpp"
#include "sched/scheduler.hpp"
#include "sched/views.hpp"

#include <limits>

namespace twill::sched {

namespace {

constexpr int everybody = std::numeric_limits<int>::max();

// By whoever submits or has run it, if that is a thread inside.
void note(const scheduler& in, trace::event_type what, const submission& one) noexcept {
    if (auto* const self = static_cast<thread_record*>(detail::hot().thread);
        self != nullptr && &self->owner == &in) {
        self->recorder.record(what, one.level);
    }
}

void begin(const scheduler& in, submission& one, detail::atomic<std::uint32_t>& all) noexcept {
    note(in, trace::event_type::submitted, one);
    all.fetch_add(1, detail::relaxed); // before it can end
    one.submitted_at = detail::ticks();
}

} // namespace

void hinting::submit(submission& one, std::int32_t share) const noexcept {
    begin(of_, one, of_.submitted_);
    of_.submissions_.put_on(one, known_->shelves.get(), share);
    load_model::thread_account nobody; // as below
    wake(nobody, share);
}

void scheduler::submit(submission& one) noexcept {
    begin(*this, one, submitted_);
    submissions_.put(one);
    wake_for_submissions();
}

void scheduler::wake_for_submissions() noexcept {
    if (places_.read().idle()) {
        load_model::thread_account nobody; // the caller may be a thread without a place
        wake_one(nobody, seats_.own_place());
    }
}

// Before a wait that runs nothing itself. When the submission came there may have been no thread,
// and none to be had: it is asked for again, whatever was refused before.
void scheduler::wants_to_begin(const submission& one) noexcept {
    if ((one.state.load(detail::relaxed) & ~std::uint32_t{submission::awaited}) ==
            submission::queued &&
        threads_.load(detail::relaxed) == 0) {
        refused_until_.store(0, detail::relaxed);
        wake_for_submissions();
    }
}

// The value is there. The last touch of the runtime: `submitted_`, by a thread that shut_down()
// waits for in another way too.
void scheduler::end_submission(submission& one) noexcept {
    note(*this, trace::event_type::ended, one);
    // acq_rel: release for whoever takes the value; acquire for the bit that it may have set
    if ((one.state.exchange(submission::ended, detail::acq_rel) & submission::awaited) != 0) {
        detail::futex_wake(one.state, everybody);
    }
    // acq_rel: as in release_slow()
    if (one.owners.fetch_sub(1, detail::acq_rel) == 1) {
        views::absorb(one.views.load(detail::relaxed)); // of no strand: the future is gone
        one.free(&one);
    }
    // seq_cst, both: count and look, against look and count in run_all_submissions()
    if (submitted_.fetch_sub(1, detail::seq_cst) == 1 && last_awaited_.load(detail::seq_cst) != 0) {
        detail::futex_wake(submitted_, everybody);
    }
}

// The callback of its deadline is still in the task, and before the end that others wait for.
void scheduler::run_submission(thread_record& self, submission& one) noexcept {
    const load_model::without_kind apart(self.account, detail::hot().tail);
    self.account.add(load_model::counter::tasks);
    if (__builtin_expect(one.shelf >= 0, 0)) {
        hinting::count(self, one.shelf);
    }
    const void* const around = self.waiting.runs(&one); // for the watchdog
    one.run(&one);
    const std::int64_t late_by = self.owner.load_.responses().ended(
        one.level, one.submitted_at, one.due, one.failure != nullptr);
    if (late_by > 0 && one.tell_late != nullptr) {
        one.tell_late(&one, late_by);
    }
    self.waiting.runs(around);
}

// By a thread that is in no task of this runtime.
void scheduler::run_as_guest(submission& one) noexcept {
    thread_record& guest = guest_record(*this);
    enter(guest, trace::root_why::submission);
    detail::view_map* const outer = views::begin_strand();
    run_submission(guest, one);
    one.views.store(views::end_strand(outer), detail::relaxed); // end_submission() publishes it
    end_submission(one);
    leave(guest);
    guest_left(guest);
}

// `self`: the thread's record in this runtime, or null if it is in none. Whoever waits for what has
// not begun runs it on the spot.
void scheduler::await(thread_record* self, submission& one) noexcept {
    if (submissions_.take(one)) {
        if (self != nullptr) {
            check_not_forked(*self);
            run_submission(*self, one);
            check_not_forked(*self);
            end_submission(one);
            return;
        }
        run_as_guest(one);
        return;
    }
    const bool blocking = self != nullptr && begin_blocking(*self);
    if (self != nullptr) {
        self->waiting.begin(waits_for::submission, &one);
    }
    const outside_wait noted(self == nullptr ? this : nullptr, waits_for::submission, &one);
    sleep_until_ended(one, [](auto& word, std::uint32_t expected) {
        detail::futex_wait(word, expected);
        return true;
    });
    if (self != nullptr) {
        self->waiting.end();
    }
    if (blocking) {
        end_blocking(*self);
    }
}

// Whoever waited for the end, or lets go of the future, has joined it: what it has added to
// reducers is in the running strand from here on.
void merge_views(submission& one) noexcept {
    // Relaxed: the caller has seen the end, or is the last who knows it.
    if (detail::view_map* const ended = one.views.exchange(nullptr, detail::relaxed);
        ended != nullptr) {
        views::merge(ended);
        if (detail::in_no_task()) {
            views::end_outermost();
        }
    }
}

// For the end of the runtime: what has not begun is run here, what has is waited for.
void scheduler::run_all_submissions() noexcept {
    last_awaited_.store(1, detail::seq_cst);
    for (;;) {
        const std::uint32_t left = submitted_.load(detail::seq_cst);
        if (left == 0) {
            return;
        }
        submission* const one = submissions_.take_next();
        if (one == nullptr) {
            detail::futex_wait(submitted_, left);
            continue;
        }
        run_as_guest(*one);
    }
}

} // namespace twill::sched

namespace twill::inline abi_1::detail {

void release_slow(submission& one) noexcept {
    // acq_rel: what the first did with it comes before the second frees it
    if (one.owners.fetch_sub(1, acq_rel) == 1) {
        sched::merge_views(one);
        one.free(&one);
    }
}

void submission_threw_slow() noexcept {
    sched::running_record()->account.add(load_model::counter::failed);
}

} // namespace twill::inline abi_1::detail
