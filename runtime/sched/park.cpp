// SPDX-License-Identifier: Apache-2.0
#include "os/clock.hpp"
#include "sched/scheduler.hpp"
#include "topology/affinity.hpp"

#include <algorithm>

namespace twill::sched {

using load_model::activity;

namespace {

/// Over about how many wake-ups their time is averaged.
constexpr std::uint64_t wakes_averaged = 8;

} // namespace

// Each thread sleeps on a word of its own. The word is 0 before anybody can know that the thread
// sleeps, and whoever takes it out of where it was found (the spare stack, a job's waiting bit, a
// ticket) writes why, exactly once.
call scheduler::park(thread_record& self) noexcept {
    self.recorder.record(trace::event_type::park);
    self.account.left(detail::ticks());
    // acquire: pairs with the release in wake()
    std::uint32_t why = self.wake_word.load(detail::acquire);
    while (why == 0) {
        detail::futex_wait(self.wake_word, 0);
        why = self.wake_word.load(detail::acquire);
    }
    const std::uint64_t woken_at = self.woken_at.load(detail::relaxed);
    const std::uint64_t now = detail::ticks();
    self.account.resumed(woken_at, now);
    if (woken_beside(self)) {
        note_wake(now > woken_at ? now - woken_at : 0);
    }
    return static_cast<call>(why);
}

// Of a thread that goes on when others have done something, not for lack of work.
call scheduler::sleep_blocked(thread_record& self) noexcept {
    self.account.blocked_from(detail::ticks());
    const call why = park(self);
    self.account.blocked_until(detail::ticks());
    return why;
}

// A moving average, relaxed: an estimate, in which a change may get lost. A thread that lost its
// core on the way counts as four times the average at the most.
void scheduler::note_wake(std::uint64_t took) noexcept {
    const std::uint64_t average = wake_takes_.load(detail::relaxed);
    const std::uint64_t counted = std::min(took, 4 * average);
    wake_takes_.store(average - average / wakes_averaged + counted / wakes_averaged + 1,
                      detail::relaxed);
}

void scheduler::wake(thread_record& sleeper, call why) noexcept {
    if (auto* const self = static_cast<thread_record*>(detail::hot().thread);
        self != nullptr && &self->owner == &sleeper.owner) {
        self->recorder.record(trace::event_type::wake, sleeper.id);
    }
    sleeper.woken_at.store(detail::ticks(), detail::relaxed);
    // release: pairs with the acquire in park(), for what was stored for the sleeper
    sleeper.wake_word.store(static_cast<std::uint32_t>(why), detail::release);
    detail::futex_wake(sleeper.wake_word, 1);
}

// Of a waker that goes on: the two are to run at the same time. At first, and where the kernel is
// seen to put the thread on the waker's own CPU, that one is taken out of its mask until it is
// awake, which costs some microseconds, against the milliseconds for which one of the two would
// wait for the other.
// A waker that has given up its place is about to sleep: its CPU is the one that will be free.
// One that has never sat is to sit near `place`.
void scheduler::wake_beside(thread_record& spare, std::int32_t place) noexcept {
    const bool itself = spare.hot.load(detail::relaxed) == &detail::hot();
    const bool leaves = detail::hot().thread != nullptr && detail::hot().place < 0;
    const int cpu = itself || leaves || options_.yields ? -1 : topology::current_cpu();
    spare.waker_cpu.store(cpu, detail::relaxed); // the wake-up releases both
    spare.waker_place.store(place, detail::relaxed);
    if (const std::uint32_t left = wakes_to_steer_.load(detail::relaxed); left > 0 && cpu >= 0) {
        wakes_to_steer_.store(left - 1, detail::relaxed);
        spare.mask.narrow(spare.account.kernel_thread(), cpu);
    }
    wake(spare);
}

// Was the thread woken by wake_beside(), and on another CPU than its waker's?
bool scheduler::woken_beside(thread_record& self) noexcept {
    self.mask.widen();
    const int waker = self.waker_cpu.load(detail::relaxed);
    if (waker < 0) {
        return false;
    }
    self.waker_cpu.store(-1, detail::relaxed);
    if (waker == topology::current_cpu()) {
        wakes_to_steer_.store(options_.wakes_steered, detail::relaxed);
        return false; // soon, but at the cost of its waker
    }
    return true;
}

// The thread has taken a place, so a number is free, or will be in a moment.
void scheduler::take_number(thread_record& self, activity first, std::uint64_t now) noexcept {
    std::int32_t number = free_number(self);
    while (number < 0) {
        detail::pause();
        number = free_number(self);
    }
    detail::hot().place = number;
    seats_.sit(self);
    self.account.take(accounts_[static_cast<std::size_t>(number)], first, now);
}

// The thread goes on whether a number is free or not: if not, it shares its waker's, or the one
// that it had.
void scheduler::resume_number(thread_record& self, std::uint64_t now) noexcept {
    const std::int32_t number = free_number(self);
    self.over = number < 0;
    const std::int32_t waker = self.waker_place.load(detail::relaxed);
    const std::int32_t shared = waker >= 0 ? waker : self.last_place;
    const std::int32_t place = self.over ? shared : number;
    detail::hot().place = place;
    seats_.sit(self);
    self.account.take(accounts_[static_cast<std::size_t>(place)], activity::search, now, self.over);
    if (self.over) {
        last_over_.store(&self, detail::release); // acquire in put_number()
    }
}

void scheduler::adopt_number(thread_record& self, std::uint64_t now) noexcept {
    if (!self.over) {
        return;
    }
    if (const std::int32_t number = free_number(self); number >= 0) {
        self.account.leave(now);
        self.over = false;
        detail::hot().place = number;
        self.account.take(accounts_[static_cast<std::size_t>(number)], activity::useful, now);
        sit_in_mid_task(self);
    }
}

void scheduler::put_number(thread_record& self, std::uint64_t now) noexcept {
    detail::hot_state& hot = detail::hot();
    self.account.leave(now);
    seats_.stand_up(self);
    if (!self.over) {
        numbers_.put(hot.place);
        // acquire: pairs with the release in resume_number()
        if (last_over_.load(detail::relaxed) != nullptr) {
            if (thread_record* over = last_over_.exchange(nullptr, detail::acquire);
                over != nullptr && over != &self) {
                ask(*over, adopt_number_request);
            }
        }
    }
    self.over = false;
    self.last_place = hot.place;
    hot.place = -1;
}

} // namespace twill::sched
