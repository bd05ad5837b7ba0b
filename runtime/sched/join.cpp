// SPDX-License-Identifier: Apache-2.0
#include "os/clock.hpp"
#include "sched/scheduler.hpp"
#include "sched/views.hpp"

namespace twill::sched {

using load_model::activity;
using load_model::counter;

namespace {

/// A blocked join looks for something to leapfrog at each so many rounds of its spin, and yields
/// its slice at each so many where it yields at all.
constexpr std::uint32_t leapfrog_stride = 8;
constexpr std::uint32_t yield_stride = 32;

} // namespace

bool scheduler::join(thread_record& self, job& newest) noexcept {
    check_not_forked(self);
    // Only of a recorded fork a private job comes here.
    const bool came_back = (newest.link & detail::mark_bit) == 0 || take_back(self, newest);
    if (self.recorder.on()) {
        note_join(self, newest, came_back);
    }
    return came_back;
}

// Of a marked job. False: it was stolen, and has ended.
bool scheduler::take_back(thread_record& self, job& newest) noexcept {
    if (self.has_sentinels() && self.sentinels.back().one == &newest) {
        self.sentinels.pop_back(); // marked, but private
        return true;
    }
    if (self.deque.take_back(&newest)) {
        note_taken_back(self);
        return true;
    }
    // Stolen. Everything older was stolen before it, and everything newer has been joined: the
    // deque is empty and stays so until this thread runs something.
    self.unstolen_streak = 0;
    self.polls_to_skip = 0;
    // acquire, both: pair with the release in finish()
    job_state end{newest.state.load(detail::acquire)};
    if (!end.done()) {
        wait_for(self, newest);
        end.bits = newest.state.load(detail::acquire);
    }
    // In the serial order the child comes after all that this strand has done so far.
    views::merge(end.views());
    return false;
}

void scheduler::wait_for(thread_record& self, job& child) noexcept {
    TWILL_CHECK(!self.has_sentinels());
    TWILL_CHECK(helped{self.helping.load(detail::relaxed)}.nobody());
    self.account.add(counter::joins_blocked);
    self.account.enter(activity::search, detail::ticks());
    std::uint64_t began = detail::ticks(); // enter() may have read the run delay, which takes long
    bool told = false;
    for (std::uint32_t round = 0;; ++round) {
        // acquire: pairs with the release in finish()
        const job_state seen{child.state.load(detail::acquire)};
        if (seen.done()) {
            break;
        }
        // Above the limit nobody begins anything, and a thread that waits is the one too many.
        const bool crowded = places_.glance().free < 0;
        const std::uint64_t waited = detail::ticks() - began;
        // What the child's thief has made public is what this thread waits for itself.
        const bool long_enough = is_to_sleep(waited, &table_[seen.thief()]);
        if (seen.what() == job_state::tag::taken) {
            if (!told) {
                // release: pairs with the acquire in leapfrog(); the deque below is empty by now
                self.helping.store(helped::make(seen.thief(), seen.epoch()).bits, detail::release);
                told = true;
            }
            // Now and then, and once more before this thread sleeps.
            if (!crowded && (round % leapfrog_stride == 0 || long_enough) &&
                leapfrog(self, child, seen)) {
                began = detail::ticks();
                continue;
            }
        }
        if (long_enough) {
            sleep_until_done(self, child);
            break;
        }
        detail::pause();
        if (options_.yields && round % yield_stride == yield_stride - 1) {
            detail::yield_slice();
        }
    }
    if (told) {
        // release: whoever still reads the old value rereads the epoch or the child after it
        self.helping.store(0, detail::release);
    }
    self.account.enter(activity::useful, detail::ticks());
}

// To give the place to others who have work for it costs two wake-ups, of whoever takes it and of
// this thread: so long it may as well wait. Where more threads run than there are places, it
// leaves.
bool scheduler::is_to_sleep(std::uint64_t waited, const thread_record* leaving_out) noexcept {
    if (waited <= busy_join_spin_ || waited > join_spin_) {
        return waited > join_spin_;
    }
    return places_.glance().free < 0 || (waited > wake_price() && work_visible(leaving_out));
}

// Gives the place up and sleeps, unless the child has ended meanwhile. Once the waiting bit is set
// there is one way out only: the child's thief, who then has taken a place on this thread's behalf.
void scheduler::sleep_until_done(thread_record& self, job& child) noexcept {
    self.wake_word.store(0, detail::relaxed);
    std::uint64_t seen = child.state.load(detail::acquire);
    do {
        if (job_state{seen}.done()) {
            return;
        }
        // release: the finisher, who reads the bit, writes the wake word after the 0 above.
        // acquire, on failure: pairs with the release in finish()
    } while (!child.state.compare_exchange_weak(seen, seen | job_state::waiting, detail::acq_rel,
                                                detail::acquire));
    self.account.add(counter::handed_over);
    self.recorder.record(trace::event_type::blocked);
    self.waiting.begin(waits_for::task, &child);
    hand_over(self);
    sleep_blocked(self);
    self.waiting.end();
    go_on(self);
}

void scheduler::finish(thread_record& self, job& stolen, job_end end) noexcept {
    check_not_forked(self);
    const auto tag = end == job_end::returned ? job_state::tag::returned : job_state::tag::threw;
    const job_state ended = job_state::ended(tag, views::take());
    self.recorder.end_root();
    note_runner(stolen, helped::make(self.id, self.epoch));
    // release: pairs with the acquire loads in take_back() and wait_for(), which then read the
    // result and the views. acquire: pairs with the waiting bit in sleep_until_done(). This is the
    // last touch: the frame that the job lies in may be gone after it.
    const job_state before{stolen.state.exchange(ended.bits, detail::acq_rel)};
    if (planted(fault::touch_after_end)) {
        stolen.state.load(detail::relaxed);
    }
    if ((before.bits & job_state::waiting) != 0) {
        resume(self.account, table_[before.owner()]);
    }
}

// The sleeper goes on at once, above the limit if no place is free: some thread that finds the
// count below zero at the end of a root retires.
void scheduler::resume(load_model::thread_account& counts, thread_record& sleeper) noexcept {
    places_.add(-1, 0);
    sleeper.waker_place.store(detail::hot().place, detail::relaxed);
    counts.add(counter::woken);
    wake(sleeper);
}

} // namespace twill::sched
