// SPDX-License-Identifier: Apache-2.0
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
        above_limit = !spin_for_group(g, 0);
        if (above_limit) {
            sleep_for_group(self, g);
        }
        self.account.enter(activity::useful, detail::ticks());
    }
}

// A thread without one needs a place only for tasks that it runs itself.
void scheduler::wait_outside(thread_record& guest, group& g) noexcept {
    bool has_place = false;
    while (has_place || !g.done()) {
        if (has_place || (g.has_tasks() && places_.take())) {
            guest.presence.store(present, detail::relaxed);
            guest.account.begin_verb(detail::ticks());
            enter_with_place(guest, has_place);
            g.pin();
            run_tasks(guest, g, has_place ? stops_for::nothing : stops_for::tickets_too);
            unpin(guest.account, g);
            leave(guest);
            has_place = false;
        } else if (!spin_for_group(g, 1)) {
            has_place = sleep_outside(guest, g);
        }
    }
}

// True if the group is done, or has tasks and as many places are free as this thread needs for
// them; false after a while.
bool scheduler::spin_for_group(group& g, int places) noexcept {
    const std::uint64_t began = detail::ticks();
    for (std::uint32_t round = 0;; ++round) {
        const bool crowded = places_.glance().free < places;
        if (round % look_stride == 0 && ((!crowded && g.has_tasks()) || g.done())) {
            return true;
        }
        const std::uint64_t waited = detail::ticks() - began;
        if (waited > join_spin_ || (waited > busy_join_spin_ && (crowded || work_visible()))) {
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
// who puts a task in.
bool scheduler::queue_sleeper(thread_record& self, group& g, bool needs_no_place) noexcept {
    self.wake_word.store(0, detail::relaxed);
    self.needs_no_place = needs_no_place;
    g.lock.lock();
    // Before the count, also if this thread stays up: whoever sees the count takes the lock.
    g.slept.store(1, detail::relaxed);
    // seq_cst: counted, then it looks; others act, and then look at the count
    const group_word now{g.word.fetch_add(group_word::one_sleeper, detail::seq_cst)};
    const bool tasks = g.has_tasks();
    // A thread in a task may hold what those with a place wait for. One outside leaves the tasks to
    // whoever gets the next free place.
    const bool leaves_tasks = tasks && needs_no_place && places_.read().free <= 0;
    const bool sleeps = leaves_tasks || (!tasks && now.active() > 0);
    if (sleeps) {
        self.next_sleeper = g.sleeping;
        g.sleeping = &self;
    } else {
        g.word.fetch_sub(group_word::one_sleeper, detail::seq_cst);
    }
    g.lock.unlock();
    return sleeps;
}

// Afterwards there may be tasks of the group that are to be run whatever the limit says.
void scheduler::sleep_for_group(thread_record& self, group& g) noexcept {
    if (!queue_sleeper(self, g, false)) {
        return;
    }
    self.account.add(counter::handed_over);
    self.waiting.begin(kind_of_wait(g), &g);
    hand_over(self);
    park(self);
    self.waiting.end();
    go_on(self);
}

// True: woken with a place, to run tasks of the group.
bool scheduler::sleep_outside(thread_record& guest, group& g) noexcept {
    if (!queue_sleeper(guest, g, true)) {
        return false;
    }
    guest.waiting.begin(kind_of_wait(g), &g);
    const call why = park(guest);
    guest.waiting.end();
    return why == call::to_work;
}

} // namespace twill::sched
