// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sched/scheduler.hpp"
#include "simulator/scenario.hpp"
#include "twill/detail/slow_path.hpp"

namespace twill::sched {

/// What scenarios see of a scheduler from inside.
class scheduler_test {
public:
    static place_word& places(scheduler& of) { return of.places_; }
    static place_numbers& numbers(scheduler& of) { return of.numbers_; }
    static spare_stack& spares(scheduler& of) { return of.seats_.fresh_spares(); }
    static inbox& tickets(scheduler& of) { return of.inbox_; }
    static bool work_visible(scheduler& of) { return of.work_visible(); }
    /// As a loop does that is worth `most` more threads.
    static void want(scheduler& of, thread_record& self, int most) {
        of.places_.want(most);
        of.wake_more(self.account);
    }
    static bool anybody_runs(scheduler& of) {
        return of.seats_.for_each_running([](const thread_record& /*one*/) { return true; });
    }
    static thread_record* pop_spare(scheduler& of) { return of.seats_.pop_spare(); }

    static void sit(scheduler& of, thread_record& self) { of.seats_.sit(self); }
    static void stand_up(scheduler& of, thread_record& self) { of.seats_.stand_up(self); }
    static void set_public(scheduler& of, thread_record& self) { of.seats_.set_public(self); }
    static thread_record* holder(scheduler& of, int place) {
        return of.seats_.all()->holder(place).load(detail::seq_cst);
    }
    static void clean_seat(scheduler& of, int place) { seats::clean_seat(*of.seats_.all(), place); }
    static bool has_public_bit(scheduler& of, const thread_record& one) {
        const int seat = one.seat.load(detail::relaxed);
        return (of.table_.public_word(0) >> one.id & 1) != 0 ||
               (seat >= 0 && of.seats_.all()->with_public().has(seat));
    }

    /// A thread with a place looks once for a job of `victim`, runs it and goes on with its place.
    static bool steal(scheduler& of, thread_record& self, thread_record& victim) {
        if (!of.places_.begin_search()) {
            return false;
        }
        if (of.steal_from(self, victim, all_levels)) {
            of.seats_.clear_running(self);
            of.seats_.set_running(self);
            return true;
        }
        of.places_.add(0, -1);
        return false;
    }
};

} // namespace twill::sched

namespace twill::model {

using inside = sched::scheduler_test;

/// A scheduler that this execution's verbs use. Never destroyed: its threads sleep in it.
sched::scheduler& make_world(int workers, int awake);

/// The next world has seats from the beginning.
inline bool seats_from_the_start = false;

/// Tells a scheduler where its places are: places 0 and 1 apart, and every further one with one of
/// them.
void give_seats(sched::scheduler& runtime);

/// A verb of the running thread's, from entry to exit.
template <class Body>
void verb(Body body) {
    detail::enter_slow();
    body();
    detail::leave_slow();
}

/// The record of the running thread, which is in a verb.
sched::thread_record& own_record();

/// Raises the limit of the running thread, so that its next fork publishes.
void ask_for_work();

/// In the first half of a fork: waits for the second to begin elsewhere, if it is public. With a
/// place free for it, somebody must come. Polls nothing meanwhile.
void wait_if_public(event& begun);

/// Is a request on its way to the owner of `record`? True if it need not be: it has public jobs.
bool armed_or_public(sched::thread_record& record);

/// After finish(): nobody runs, no work is left, every thread of the runtime sleeps, and all
/// places and numbers are back.
void check_quiescent(sched::scheduler& runtime, int awake);

} // namespace twill::model
