// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sched/seating.hpp"
#include "sched/spare.hpp"
#include "sched/thread_table.hpp"
#include "twill/detail/atomic.hpp"

#include <memory>

namespace twill::sched {

/// Who has public work, who runs and who is spare: by the bits of the threads and one stack, or, of
/// threads that sit, by those of their places. README.md, "Seats", has the protocol.
class seats {
public:
    explicit seats(thread_table& threads) noexcept : table_(threads) {}

    /// Null with one group of cores, and until it is known how many there are. seq_cst: who looks
    /// for work, running or spare threads has changed something before, and whoever sat down and
    /// then saw the change not yet looks to be found here. (Acquire lost one: seats_come.)
    [[nodiscard]] seating* all() const noexcept { return all_.load(detail::seq_cst); }
    void attach(std::unique_ptr<seating> all) noexcept;

    /// By a thread that holds a place, and before it gives its number back.
    void sit(thread_record& self) noexcept {
        if (seating* const all = this->all(); __builtin_expect(all != nullptr, 0)) {
            sit_slow(self, *all);
        }
    }
    void stand_up(thread_record& self) noexcept {
        if (__builtin_expect(self.seat.load(detail::relaxed) >= 0, 0)) {
            stand_up_slow(self);
        }
    }
    /// Of a thread that runs by its own bit: from here on by that of its place. False: it does not
    /// run by its own. One that sits already sees to its mask: whether it is kept may have changed.
    bool sit_in_mid_task(thread_record& self) noexcept;

    /// By the thread itself, or for one that has no seat; and by anybody.
    void set_public(thread_record& self) noexcept;
    void set_public_of(thread_record& home) noexcept;
    /// Of a thread, or a place whose holder, was seen to have nothing public.
    void clean_public(thread_record& one) noexcept;
    static void clean_seat(seating& all, int place) noexcept;

    void set_running(thread_record& self) noexcept;
    void clear_running(thread_record& self) noexcept;
    [[nodiscard]] bool runs(const thread_record& one) const noexcept;

    void push_spare(thread_record& self) noexcept;
    /// The place that the caller holds, or -1: none, or one of another scheduler.
    [[nodiscard]] int own_place() const noexcept;
    /// The spare thread that sat last on a place, that of the caller if no other is named, else one
    /// near it; null if there is none. -1: where the caller sat last, or runs.
    [[nodiscard]] thread_record* pop_spare(int near) noexcept;
    [[nodiscard]] thread_record* pop_spare() noexcept { return pop_spare(own_place()); }
    /// There is none to be popped; exact, as the look after a stack that was empty.
    [[nodiscard]] bool no_spares() noexcept;
    /// The same for whoever makes the next one, at a glance: who is about to be one counts.
    [[nodiscard]] bool wants_spare() noexcept;
    /// Those that have never sat.
    [[nodiscard]] spare_stack& fresh_spares() noexcept { return spares_; }

    /// Calls `visit(record)` until one returns true.
    template <class Visit>
    bool for_each_with_public(Visit visit) noexcept;
    template <class Visit>
    bool for_each_running(Visit visit) noexcept;

private:
    /// The same for whoever sits on a place of the set.
    template <class Visit>
    static bool for_each_holder(seating& all, place_set& of, Visit visit) noexcept {
        return of.for_each(0, [&](int place) {
            thread_record* const holder = all.holder(place).load(detail::seq_cst);
            return holder != nullptr && visit(*holder);
        });
    }
    static void sit_slow(thread_record& self, seating& all) noexcept;
    static void keep_near(thread_record& self, seating& all, int place) noexcept;
    void stand_up_slow(thread_record& self) noexcept;
    void set_own_bit(thread_record& one) noexcept;
    thread_record* pop_spare_of(seating& all, int place) noexcept;
    /// The place that the caller sat on last; of who never has, or is another scheduler's, that of
    /// the CPU. -1: none.
    [[nodiscard]] int near_caller(const seating& all) const noexcept;

    thread_table& table_;
    spare_stack spares_;
    detail::atomic<seating*> all_{nullptr};
    std::unique_ptr<seating> owned_;
};

// Whatever moves between the bits of seats and those of threads in the direction that this looks in
// is seen in one of the two: a thread that stands up sets its own bit first. Bits of threads are
// not cleared by sitting down.
template <class Visit>
bool seats::for_each_with_public(Visit visit) noexcept {
    seating* const all = this->all();
    return (__builtin_expect(all != nullptr, 0) &&
            for_each_holder(*all, all->with_public(), visit)) ||
           table_.for_each_public(0, visit);
}

// A thread that sits down in the middle of a task sets the bit of its seat first: the other way
// round.
template <class Visit>
bool seats::for_each_running(Visit visit) noexcept {
    if (table_.for_each_running(0, visit)) {
        return true;
    }
    seating* const all = this->all();
    return __builtin_expect(all != nullptr, 0) && for_each_holder(*all, all->running(), visit);
}

} // namespace twill::sched
