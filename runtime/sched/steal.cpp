// SPDX-License-Identifier: Apache-2.0
#include "os/clock.hpp"
#include "sched/hinted.hpp"
#include "sched/placed.hpp"
#include "sched/root.hpp"
#include "sched/scheduler.hpp"
#include "sched/views.hpp"

namespace twill::sched {

using load_model::activity;
using load_model::counter;

// One look around: a guest's ticket first, then the own mailbox, then a submission, then tasks that
// are for this node, then a thread with public work, then the mailboxes of others. With nothing
// public, a running thread is asked.
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
    known_places* const places = known_nodes.get();
    if (places != nullptr && placing(self, *places).run_own_post()) {
        return found::ran_a_task;
    }
    const std::uint64_t start = self.next_random();
    const std::uint32_t apart = levels_apart();
    const std::int32_t share = places != nullptr ? hinting(*this).own_share() : -1;
    const bool ran = __builtin_expect(apart == 0, 1)
                         ? run_next_submission(self, share) ||
                               (share >= 0 && hinting(*this).run_task(self, share)) ||
                               steal(self, start, all_levels)
                         : find_by_level(self, start, apart, share);
    if (ran || (places != nullptr && placing(self, *places).run_other_post(start))) {
        return found::ran_a_task;
    }
    if (seating* const all = seats_.all();
        __builtin_expect(all == nullptr, 1) || !ask_nearest(self, *all)) {
        table_.for_each_running(start, [this](thread_record& running) {
            arm(running);
            return true;
        });
    }
    return found::nothing;
}

// `share`: of the places, the one that this thread's is in, where there are several, else -1.
bool scheduler::run_next_submission(thread_record& self, std::int32_t share) noexcept {
    submission* const one = submissions_.take_next(share);
    if (one == nullptr) {
        return false;
    }
    self.account.enter(activity::dispatch, detail::ticks());
    self.begin_root(self.fresh_epoch());
    begin_running(self);
    run_root(self, {trace::root_why::submission, self.id}, {}, [&self, one] {
        run_submission(self, *one);
        one->views.store(views::take(), detail::relaxed); // end_submission() publishes it
    });
    end_submission(*one);
    return true;
}

// From a thread that is chosen at random among those whose bit is set, so that a look costs the
// same however many threads there are. Jobs are normal.
bool scheduler::steal(thread_record& self, std::uint64_t start, std::uint32_t levels) noexcept {
    if (seating* const all = seats_.all(); __builtin_expect(all != nullptr, 0)) {
        return steal_seated(self, *all, start, levels);
    }
    return table_.for_each_public(
        start, [&](thread_record& victim) { return steal_from(self, victim, levels); });
}

// The same where there are bags of other levels, `apart`: one level after the other, by the turns
// of this thread. Submissions, which have their own, come with the normal level. A level that seems
// to have no bags is looked at with the normal one, so that nothing depends on the hint.
bool scheduler::find_by_level(thread_record& self, std::uint64_t start, std::uint32_t apart,
                              std::int32_t share) noexcept {
    const std::uint32_t present = apart | set_of(normal_level);
    for (std::uint32_t left = present; left != 0;) {
        const std::uint32_t level = self.levels.next(left);
        const bool normal = level == normal_level;
        if (normal ? run_next_submission(self, share) || steal(self, start, all_levels & ~apart)
                   : steal(self, start, set_of(level))) {
            self.levels.serve(level, present);
            return true;
        }
        self.levels.skip(level);
        left &= ~set_of(level);
    }
    return false;
}

bool scheduler::steal_from(thread_record& self, thread_record& victim,
                           std::uint32_t levels) noexcept {
    const bool jobs_too = (levels & set_of(normal_level)) != 0;
    // acquire: pairs with the release in publish(), for the slot and the job
    const deque_word word = victim.deque.read(detail::acquire);
    if (word.count() == 0 || !jobs_too) {
        if (take_group(self, victim, levels)) {
            return true;
        }
        if (jobs_too && !publish_rest(victim) && victim.bags_lock.count() == 0) {
            seats_.clean_public(victim);
        }
        return false;
    }
    const public_job oldest = victim.deque.oldest(word);
    const load_model::root_origin from{oldest.kind(), victim.account.root_region()};
    if (!victim.deque.take(word)) {
        return false;
    }
    job* const one = oldest.one();
    self.account.enter(activity::dispatch, detail::ticks());
    count_stolen(self, victim.seat.load(detail::relaxed));
    self.account.add(counter::tasks);
    claim(self, victim, *one);
    self.recorder.record(trace::event_type::steal, victim.id);
    begin_running(self);
    run_root(self, {trace::root_why::steal, victim.id}, from, [one] { one->run(one); });
    return true;
}

void scheduler::begin_running(thread_record& self) noexcept {
    seats_.set_running(self);
    look_if_unwatched();
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
