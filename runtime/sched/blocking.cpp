// SPDX-License-Identifier: Apache-2.0
#include "os/clock.hpp"
#include "os/message.hpp"
#include "sched/scheduler.hpp"

namespace twill::sched {

using load_model::counter;

// Before a wait that is no join: whatever this thread has forked may be what it waits for, so all
// of it becomes public. What finds no room in the deque is the rest.
void scheduler::publish_all(thread_record& self) noexcept {
    job* const newest = detail::hot().tail;
    while (publish(self, newest) > 0) {
    }
}

bool scheduler::has_private(const thread_record& self, const job* newest) noexcept {
    return self.has_sentinels() || (newest != nullptr && (newest->link & detail::mark_bit) == 0);
}

// From here on until close_rest() thieves act on the list of this thread, one at a time.
void scheduler::open_rest(thread_record& self, job* newest) noexcept {
    if (!has_private(self, newest)) {
        return;
    }
    self.rest_newest = newest;
    // seq_cst: before the look at the places in settle(); release: for the list
    self.rest.store(1, detail::seq_cst);
    seats_.set_public(self);
}

void scheduler::close_rest(thread_record& self) noexcept {
    // acquire: pairs with the release in publish_rest()
    if (self.rest.load(detail::acquire) == 0) {
        return;
    }
    const locked_scope locked(self.rest_lock);
    self.rest.store(0, detail::relaxed);
}

// A thief found the deque empty: it publishes the next batch for the sleeping owner.
bool scheduler::publish_rest(thread_record& victim) noexcept {
    // acquire: pairs with open_rest()
    if (victim.rest.load(detail::acquire) == 0) {
        return false;
    }
    const locked_scope locked(victim.rest_lock);
    // acquire: as above, since the owner may have closed it meanwhile and opened the next one
    if (victim.rest.load(detail::acquire) == 0) {
        return false;
    }
    publish(victim, victim.rest_newest);
    if (!has_private(victim, victim.rest_newest)) {
        // release: what was done for the owner, which reads this without the lock
        victim.rest.store(0, detail::release);
    }
    return !victim.deque.empty();
}

// Gives the place up for a wait; what is to wake the thread has been left behind before.
void scheduler::hand_over(thread_record& self) noexcept {
    if (__builtin_expect(detail::hot().place < 0 && !self.over, 0)) {
        end_program("on_thread_start or on_thread_stop waits for tasks, a future or a section");
    }
    self.recorder.record(trace::event_type::hand_over);
    seats_.clear_running(self);
    put_number(self, detail::ticks());
    open_rest(self, detail::hot().tail);
    places_.add(+1, 0);
    if (!planted(fault::silent_hand_over)) {
        settle(self);
    }
}

// A place has been taken on the thread's behalf: it goes on, whether or not a number is free.
void scheduler::go_on(thread_record& self) noexcept {
    close_rest(self);
    resume_number(self, detail::ticks());
    self.recorder.record(trace::event_type::resumed);
    seats_.set_running(self);
    look_if_unwatched();
    if (places_.read().free > 0) {
        arm(self);
    }
}

// The thread is about to do something else than tasks, in the kernel perhaps, for as long as it
// likes. Outside of every verb, as far as it can tell itself: what it calls meanwhile enters anew.
bool scheduler::begin_blocking(thread_record& self) noexcept {
    check_not_forked(self);
    if (blocked_.fetch_add(1, detail::relaxed) >= options_.blocked_max) {
        blocked_.fetch_sub(1, detail::relaxed);
        complain_of_blocked();
        return false;
    }
    publish_all(self);
    // Others take over. This is no path of a publisher, so it may make the thread that does.
    if (seats_.wants_spare() && insist_on_thread()) {
        self.account.add(counter::threads);
    }
    self.account.add(counter::handed_over);
    self.recorder.record(trace::event_type::blocked);
    hand_over(self);
    const std::uint64_t now = detail::ticks();
    self.account.begin_blocking(now);
    self.account.blocked_from(now);
    self.waiting.begin(waits_for::section);
    step_out(self);
    return true;
}

void scheduler::end_blocking(thread_record& self) noexcept {
    check_not_forked(self);
    self.waiting.end();
    step_in(self);
    const std::uint64_t now = detail::ticks();
    self.account.blocked_until(now);
    self.account.end_blocking(now);
    blocked_.fetch_sub(1, detail::relaxed);
    self.waker_place.store(-1, detail::relaxed);
    places_.add(-1, 0);
    go_on(self);
    self.account.enter(load_model::activity::useful, detail::ticks());
}

// The thread's own state, without its place: outside for a while.
void scheduler::step_out(thread_record& self) noexcept {
    detail::hot_state& hot = detail::hot();
    self.blocked_tail = hot.tail;
    self.blocked_place = hot.place;
    hot.tail = nullptr;
    hot.thread = nullptr;
    hot.place = -1;
    hot.outer = &self;
    hot.limit.store(detail::attention, detail::relaxed);
}

void scheduler::step_in(thread_record& self) noexcept {
    detail::hot_state& hot = detail::hot();
    hot.tail = self.blocked_tail;
    hot.thread = &self;
    hot.place = self.blocked_place;
    hot.outer = self.outer;
    hot.poll_period = self.owner.poll_period_;
    hot.worth_a_steal = self.owner.worth_a_steal_;
    // The next poll finds out what is wanted.
    hot.limit.store(detail::attention, detail::relaxed);
}

void scheduler::complain_of_blocked() noexcept {
    if (complained_.exchange(1, detail::relaxed) == 0) {
        os::say("%s: %u threads are in blocking sections (TWILL_MAX_BLOCKED): further ones keep "
                "their workers\n",
                options_.name, options_.blocked_max);
    }
}

} // namespace twill::sched
