// SPDX-License-Identifier: Apache-2.0
#include "load/region_table.hpp"
#include "os/clock.hpp"
#include "sched/scheduler.hpp"
#include "sched/views.hpp"

namespace twill::sched {

using load_model::activity;

namespace {

// Apart, so that who is not recorded pays one test. The regions around it may be events of another
// runtime's record of the thread.
[[gnu::noinline]] void record_root(thread_record& guest, trace::root_why why) noexcept {
    const load_model::region_path* const around = load_model::current_region;
    static_cast<void>(guest.recorder.begin_root(why, {guest.id, guest.epoch},
                                                {0, around == nullptr ? 0 : around->number + 1}));
}

} // namespace

// A thread from outside runs its root on itself. With no free place it queues a ticket and sleeps;
// whoever takes the ticket gives it a place.
void scheduler::enter(thread_record& guest, trace::root_why why) noexcept {
    begin_presence(guest);
    guest.account.begin_verb(detail::ticks());
    follow_machine();
    if (!places_.take()) {
        guest.wake_word.store(0, detail::relaxed);
        inbox_.push(guest);
        guest.waiting.begin(waits_for::place);
        settle(guest); // a place may have come free before the ticket was seen
        sleep_blocked(guest);
        guest.waiting.end();
    }
    enter_with_place(guest, false, why);
}

// `above_limit`: the place was taken whether or not one was free, so a number need not come free.
void scheduler::enter_with_place(thread_record& guest, bool above_limit,
                                 trace::root_why why) noexcept {
    detail::hot_state& hot = detail::hot();
    // What was asked before means nothing now. With somebody to share with, the first fork or loop
    // is asked at once: who becomes idle a moment later finds what it has published, while a first
    // task that is long and serial would not answer. As in poll(): the limit down, and then the
    // flags. seq_cst: as there.
    const bool shares = active() > 1; // if it grows now, settle() below or the change itself asks
    hot.limit.store(guest.overflow_limit, detail::relaxed);
    guest.requests.exchange(shares ? std::uint32_t{want_work} : 0, detail::seq_cst);
    follow_recording(guest);
    const std::uint64_t now = detail::ticks(); // begin_verb() may have lost the core
    if (above_limit) {
        resume_number(guest, now);
    } else {
        take_number(guest, activity::dispatch, now);
    }
    guest.begin_root(guest.fresh_epoch());
    guest.outer = static_cast<thread_record*>(hot.outer);
    hot.thread = &guest;
    hot.poll_period = poll_period_;
    hot.worth_a_steal = worth_a_steal_;
    guest.polls_to_skip = 0; // as in run_root()
    if (shares || guest.recorder.on()) {
        hot.limit.store(detail::attention, detail::relaxed);
    }
    seats_.set_running(guest);
    look_if_unwatched();
    settle(guest);
    if (__builtin_expect(guest.recorder.on(), 0)) {
        record_root(guest, why);
    }
    guest.account.begin_regions();
    guest.account.enter(activity::useful, detail::ticks());
}

void scheduler::leave(thread_record& guest) noexcept {
    check_not_forked(guest);
    if (guest.outer == nullptr) {
        views::end_outermost(); // combinations may contain verbs, so first of all
    }
    if (guest.recorder.on()) {
        guest.recorder.end_root();
    }
    detail::hot_state& hot = detail::hot();
    TWILL_CHECK(guest.deque.empty() && !guest.has_sentinels());
    hot.limit.store(detail::attention, detail::relaxed);
    hot.thread = nullptr;
    seats_.clear_running(guest);
    const std::uint64_t now = detail::ticks();
    put_number(guest, now);
    guest.account.end_verb(now);
    places_.add(+1, 0);
    settle(guest);
    end_presence(guest);
}

// Not again for a guest with a ticket that gets its place: shut_down() may wait for it by then.
void scheduler::begin_presence(thread_record& guest) noexcept {
    if (guest.presence.load(detail::relaxed) == absent) {
        guest.presence.store(present, detail::relaxed);
    }
}

void scheduler::end_presence(thread_record& guest) noexcept {
    // release: this is the last touch, after which the scheduler may be gone; pairs with the
    // acquire in shut_down().
    if (guest.presence.exchange(absent, detail::release) == awaited) {
        detail::futex_wake(guest.presence, 1);
    }
}

thread_record* scheduler::outside() noexcept {
    // acquire, both: pair with the release of whoever made it
    thread_record* one = outside_.load(detail::acquire);
    if (one == nullptr) {
        thread_record* const fresh = table_.add(*this, true);
        if (fresh != nullptr &&
            outside_.compare_exchange_strong(one, fresh, detail::acq_rel, detail::acquire)) {
            return fresh;
        }
    }
    return one;
}

// Gives free places to the guests that wait longest.
void scheduler::grant_tickets() noexcept {
    while (inbox_.waiting() && places_.take()) {
        if (thread_record* guest = inbox_.pop(); guest != nullptr) {
            give_place(*guest);
        } else {
            places_.add(+1, 0); // somebody else was faster; look again
        }
    }
}

void scheduler::give_place(thread_record& guest) noexcept { wake(guest); }

} // namespace twill::sched
