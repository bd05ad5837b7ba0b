// SPDX-License-Identifier: Apache-2.0
#include "os/clock.hpp"
#include "sched/scheduler.hpp"
#include "sched/views.hpp"

namespace twill::sched {

using load_model::activity;
using load_model::counter;

// One look around: a guest's ticket first, then a thread with public jobs, chosen at random among
// those whose bit is set, so that a look costs the same however many threads there are. With
// nothing public, a running thread is asked.
scheduler::found scheduler::find_work(thread_record& self) noexcept {
    if (inbox_.waiting()) {
        grant_tickets(); // from the free places first
        if (thread_record* guest = inbox_.pop(); guest != nullptr) {
            self.account.add(counter::tickets);
            become_spare(self, {0, -1}); // the guest has this thread's place
            give_place(*guest);
            settle(self);
            return found::gave_place_away;
        }
    }
    if (submission* one = submissions_.take_oldest(); one != nullptr) {
        self.account.enter(activity::dispatch, detail::ticks());
        self.begin_root(self.fresh_epoch());
        begin_running(self);
        run_root(self, [&self, one] {
            run_submission(self, *one);
            views::end_outermost();
        });
        end_submission(*one);
        return found::ran_a_task;
    }
    const std::uint64_t start = self.next_random();
    if (table_.for_each_set(
            start, [this](std::uint32_t segment) { return table_.public_word(segment); },
            [&](thread_record& victim) { return steal_from(self, victim); })) {
        return found::ran_a_task;
    }
    table_.for_each_set(
        start, [this](std::uint32_t segment) { return table_.running_word(segment); },
        [this](thread_record& running) {
            arm(running);
            return true;
        });
    return found::nothing;
}

bool scheduler::steal_from(thread_record& self, thread_record& victim) noexcept {
    // acquire: pairs with the release in publish(), for the slot and the job
    const deque_word word = victim.deque.read(detail::acquire);
    if (word.count() == 0) {
        if (take_group(self, victim)) {
            return true;
        }
        if (!publish_rest(victim)) {
            table_.clean_public(victim.id);
        }
        return false;
    }
    job* one = victim.deque.oldest(word);
    if (!victim.deque.take(word)) {
        return false;
    }
    self.account.enter(activity::dispatch, detail::ticks());
    self.account.add(counter::stolen);
    claim(self, victim, *one);
    begin_running(self);
    run_root(self, [one] { one->run(one); });
    return true;
}

void scheduler::begin_running(thread_record& self) noexcept {
    table_.set_running(self.id);
    places_.add(0, -1);
    settle(self);
}

// A new root of this thread: first the epoch, then the record that names it.
void scheduler::claim(thread_record& self, thread_record& victim, job& one) noexcept {
    self.begin_root(self.fresh_epoch());
    // release: whoever reads the record and follows it finds the new epoch. acq: keeps the order
    // with the waiting bit, which the owner may have set already.
    one.state.fetch_or(job_state::record(victim.id, self.id, self.epoch), detail::acq_rel);
}

} // namespace twill::sched
