// SPDX-License-Identifier: Apache-2.0
#include "load/kind_scopes.hpp"
#include "os/clock.hpp"
#include "sched/away.hpp"
#include "sched/group.hpp"
#include "sched/guest_record.hpp"
#include "sched/scheduler.hpp"

namespace twill::sched {

using load_model::activity;
using load_model::counter;

namespace {

/// A wait looks whether the group is done at each so many rounds of its spin, and yields its slice
/// at each so many where it yields at all.
constexpr std::uint32_t look_stride = 4;
constexpr std::uint32_t yield_stride = 32;

// Only the thread itself can walk its tasks.
waits_for kind_of_wait(const group& g) noexcept {
    return watched() && in_task_of(&g) ? waits_for::own_group : waits_for::group;
}

} // namespace

// A thread with a place waits: it runs what there is of the group, spins for a while and hands
// over. It may hold a lock that all others wait for, so it gives way to no guest, and above the
// limit only while it spins.
void scheduler::wait_for_group(thread_record& self, group& g) noexcept {
    check_not_forked(self);
    bool above_limit = false;
    for (;;) {
        g.pin();
        run_tasks(self, g, above_limit ? stops_for::nothing : stops_for::the_limit);
        unpin(self.account, g);
        if (g.done()) {
            return;
        }
        publish_all(self);
        self.account.add(counter::joins_blocked);
        self.account.enter(activity::search, detail::ticks());
        above_limit = !spin_for_group(g, true);
        if (above_limit) {
            sleep_for_group(self, g);
        }
        self.account.enter(activity::useful, detail::ticks());
    }
}

// The tasks that are run in a wait are none of the task that waits: neither their time nor their
// kind. The list's new end stays as it is while they run.
void scheduler::wait_noted(thread_record& self, group& g) noexcept {
    const load_model::without_kind apart(self.account, detail::hot().tail);
    const std::uint32_t began =
        self.recorder.on() ? note_begin(self, trace::event_type::wait_begin, g) : 0;
    wait_for_group(self, g);
    if (began != 0) {
        self.recorder.record_end(began, trace::event_type::wait_end, number_of(g));
    }
}

// A thread without one needs a place only for tasks that it runs itself: a free one, or by a ticket
// the next one to come free. Its caches have the tasks that it has put in.
void scheduler::wait_outside(thread_record& guest, group& g) noexcept {
    if (g.done()) {
        return;
    }
    // A verb goes on, whoever runs its tasks meanwhile.
    load_.verb_began(detail::ticks());
    auto has = outside_place::none;
    while (has != outside_place::none || !g.done()) {
        if (has == outside_place::none && g.has_tasks()) {
            has = places_.take() ? outside_place::taken : sleep_with_ticket(guest, g);
        }
        if (has != outside_place::none) {
            const bool above_limit = has == outside_place::above_limit;
            begin_presence(guest);
            guest.account.begin_verb(detail::ticks());
            enter_with_place(guest, above_limit, trace::root_why::group);
            g.pin();
            run_tasks(guest, g, above_limit ? stops_for::nothing : stops_for::others_after_a_turn);
            unpin(guest.account, g);
            leave(guest);
            has = outside_place::none;
        } else if (!spin_for_group(g, false)) {
            has = sleep_outside(guest, g);
        }
    }
    load_.verb_ended(detail::ticks());
}

// True if the group is done, or has tasks that this thread may run, or wants a ticket for; false
// after a while.
bool scheduler::spin_for_group(group& g, bool has_place) noexcept {
    const std::uint64_t began = detail::ticks();
    for (std::uint32_t round = 0;; ++round) {
        const bool crowded = places_.glance().free < 0;
        if (round % look_stride == 0 && (((!has_place || !crowded) && g.has_tasks()) || g.done())) {
            return true;
        }
        if (is_to_sleep(detail::ticks() - began, nullptr)) {
            return false;
        }
        detail::pause();
        if (options_.yields && round % yield_stride == yield_stride - 1) {
            detail::yield_slice();
        }
    }
}

// Counts a thread among the sleepers, unless somebody has to stay up: then false. From then on
// there is one way out, by whoever takes it from the list: the last that works for the group, or
// who puts a task in. With a ticket, for tasks that it may run itself, there is another one, and
// who takes the ticket out of the inbox decides which it is.
bool scheduler::queue_sleeper(thread_record& self, group& g, sleeps_as what) noexcept {
    const bool with_ticket = what == sleeps_as::guest_with_ticket;
    self.wake_word.store(0, detail::relaxed);
    self.needs_no_place = what != sleeps_as::worker;
    self.has_ticket = with_ticket;
    g.lock.lock();
    // Before the count, also if this thread stays up: whoever sees the count takes the lock.
    g.slept.store(1, detail::relaxed);
    // seq_cst: counted, then it looks; others act, and then look at the count
    const group_word now{g.word.fetch_add(group_word::one_sleeper, detail::seq_cst)};
    const bool tasks = g.has_tasks();
    const bool sleeps = with_ticket ? tasks : !tasks && now.active() > 0;
    if (sleeps) {
        self.next_sleeper = g.sleeping;
        g.sleeping = &self;
        if (with_ticket) {
            inbox_.push(self);
        }
    } else {
        g.word.fetch_sub(group_word::one_sleeper, detail::seq_cst);
    }
    g.lock.unlock();
    return sleeps;
}

// Afterwards there may be tasks of the group that are to be run whatever the limit says.
void scheduler::sleep_for_group(thread_record& self, group& g) noexcept {
    if (!queue_sleeper(self, g, sleeps_as::worker)) {
        return;
    }
    self.account.add(counter::handed_over);
    self.recorder.record(trace::event_type::blocked);
    self.waiting.begin(kind_of_wait(g), &g);
    hand_over(self);
    sleep_blocked(self);
    self.waiting.end();
    go_on(self);
}

// Woken with a place, it runs tasks of the group.
scheduler::outside_place scheduler::sleep_outside(thread_record& guest, group& g) noexcept {
    if (!queue_sleeper(guest, g, sleeps_as::guest)) {
        return outside_place::none;
    }
    guest.waiting.begin(kind_of_wait(g), &g);
    const call why = sleep_blocked(guest);
    guest.waiting.end();
    return why == call::to_work ? outside_place::above_limit : outside_place::none;
}

// The group has tasks, and no place is free for them.
scheduler::outside_place scheduler::sleep_with_ticket(thread_record& guest, group& g) noexcept {
    begin_presence(guest);
    auto has = outside_place::none;
    if (queue_sleeper(guest, g, sleeps_as::guest_with_ticket)) {
        guest.waiting.begin(kind_of_wait(g), &g);
        settle(guest); // a place may have come free before the ticket was seen
        const std::uint64_t began = detail::ticks();
        // The place is as near as the end of a task, so no sleep for a moment.
        while (guest.wake_word.load(detail::relaxed) == 0 &&
               detail::ticks() - began < busy_join_spin_) {
            detail::pause();
        }
        const call why = sleep_blocked(guest);
        guest.waiting.end();
        if (why == call::to_work) {
            const locked_scope locked(g.lock);
            has = guest.has_ticket ? outside_place::taken : outside_place::above_limit;
            forget_sleeper(guest, g);
        }
    }
    if (has == outside_place::none) {
        end_presence(guest);
    }
    return has;
}

// Under the group's lock: whoever took its ticket may have found it in the list of sleepers or not.
void scheduler::forget_sleeper(thread_record& guest, group& g) noexcept {
    for (thread_record** at = &g.sleeping; *at != nullptr; at = &(*at)->next_sleeper) {
        if (*at == &guest) {
            *at = guest.next_sleeper;
            g.word.fetch_sub(group_word::one_sleeper, detail::seq_cst);
            return;
        }
    }
}

} // namespace twill::sched
