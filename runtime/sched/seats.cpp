// SPDX-License-Identifier: Apache-2.0
#include "sched/seats.hpp"

#include "sched/planted.hpp"
#include "sched/search.hpp"
#include "topology/affinity.hpp"
#include "twill/detail/clock.hpp"
#include "twill/detail/hot_state.hpp"

#include <utility>

namespace twill::sched {

namespace {

thread_record* running_thread() noexcept {
    return static_cast<thread_record*>(detail::hot().thread);
}

} // namespace

void seats::attach(std::unique_ptr<seating> all) noexcept {
    owned_ = std::move(all);
    all_.store(owned_.get(), detail::seq_cst);
}

// The holder first, then any bit of the seat: who finds a bit finds who has set it, or nobody who
// has anything.
void seats::sit_slow(thread_record& self, seating& all) noexcept {
    const int place = detail::hot().place;
    if (self.over || self.seat.load(detail::relaxed) == place) {
        return; // one that is above the limit shares a number
    }
    TWILL_CHECK(all.holder(place).load(detail::relaxed) == nullptr); // the number is its own
    all.holder(place).store(&self, detail::seq_cst);
    self.seat.store(place, detail::relaxed);
    self.home = place;
    keep_near(self, all, place);
}

void seats::keep_near(thread_record& self, seating& all, int place) noexcept {
    if (topology::pinning* const kept = all.kept_by(); kept != nullptr && !self.guest) {
        kept->follow(self.id, place, self.pinned, self.mask, all.name());
    }
}

// Before its number is given back, so that nobody else sits there. Its own bit first: whoever looks
// at seats and then at threads sees its work in one of the two.
void seats::stand_up_slow(thread_record& self) noexcept {
    seating& all = *all_.load(detail::relaxed); // it has sat there
    const int place = self.seat.load(detail::relaxed);
    self.seat.store(-1, detail::relaxed);
    if (self.may_be_public()) {
        set_own_bit(self);
    }
    all.holder(place).store(nullptr, detail::seq_cst);
}

bool seats::sit_in_mid_task(thread_record& self) noexcept {
    seating* const all = this->all();
    const int place = detail::hot().place;
    if (all == nullptr || self.over || place < 0) {
        return false;
    }
    if (const int seat = self.seat.load(detail::relaxed); seat >= 0) {
        keep_near(self, *all, seat);
        return false;
    }
    sit_slow(self, *all);
    if (self.may_be_public()) {
        all->with_public().set(place);
    }
    if (!table_.is_running(self.id)) {
        return false;
    }
    all->running().set(place);
    table_.clear_running(self.id);
    return true;
}

bool seats::runs(const thread_record& one) const noexcept {
    seating* const all = this->all();
    const int seat = one.seat.load(detail::relaxed);
    return table_.is_running(one.id) || (all != nullptr && seat >= 0 && all->running().has(seat));
}

// By the thread itself, or for one that has no seat.
void seats::set_public(thread_record& self) noexcept {
    if (const int seat = self.seat.load(detail::relaxed); __builtin_expect(seat >= 0, 0)) {
        all_.load(detail::relaxed)->with_public().set(seat);
        return;
    }
    set_own_bit(self);
}

// By anybody: its own thread may sit down or stand up meanwhile, but its own bit is looked at
// wherever it sits.
void seats::set_public_of(thread_record& home) noexcept {
    if (running_thread() == &home) {
        set_public(home);
    } else {
        set_own_bit(home);
    }
}

// seq_cst: the word of the table, then the seats, against attach() and a search that finds the word
// empty. In a new seating all segments may have strays.
void seats::set_own_bit(thread_record& one) noexcept {
    table_.set_public(one.id);
    if (seating* const all = this->all(); __builtin_expect(all != nullptr, 0)) {
        all->strays().raise(static_cast<int>(one.id / thread_table::segment_size));
    }
}

void seats::set_running(thread_record& self) noexcept {
    if (const int seat = self.seat.load(detail::relaxed); __builtin_expect(seat >= 0, 0)) {
        all_.load(detail::relaxed)->running().set(seat);
        return;
    }
    table_.set_running(self.id);
}

void seats::clear_running(thread_record& self) noexcept {
    if (const int seat = self.seat.load(detail::relaxed); __builtin_expect(seat >= 0, 0)) {
        all_.load(detail::relaxed)->running().clear(seat);
        return;
    }
    table_.clear_running(self.id);
}

// Of a thread that was seen to have nothing public, wherever its bit is now. A bit that it has left
// elsewhere is found and cleared there.
void seats::clean_public(thread_record& one) noexcept {
    seating* const all = this->all();
    const int seat = one.seat.load(detail::relaxed);
    if (__builtin_expect(all != nullptr && seat >= 0, 0)) {
        clean_seat(*all, seat);
    } else {
        table_.clean_public(one.id);
    }
}

// Clear and look, as thread_table::clean_public(). Whoever sits there by now, and found the bit set
// after it had published, sat down before: seq_cst, so the look finds it.
void seats::clean_seat(seating& all, int place) noexcept {
    const auto holder_of = [&all, place] { return all.holder(place).load(detail::seq_cst); };
    const thread_record* const before = planted(fault::blind_clean) ? holder_of() : nullptr;
    all.with_public().clear(place);
    const thread_record* const holder = planted(fault::blind_clean) ? before : holder_of();
    if (holder != nullptr && holder->may_be_public()) {
        all.with_public().set(place);
    }
}

// The stack first, then the bit: never cleared for too long, as those of public work. A spare
// thread whose bit is not set yet has not become one: it settles after this.
void seats::push_spare(thread_record& self) noexcept {
    seating* const all = this->all();
    if (__builtin_expect(all == nullptr || self.home < 0, 1)) {
        spares_.push(self);
        return;
    }
    const int home = self.home;
    all->spare_count().fetch_add(1, detail::relaxed);
    all->spares(home).push(self);
    all->with_spares().set(home);
}

// A task of another scheduler may submit to this one, change its limit or end it: the place that it
// holds is none here.
int seats::own_place() const noexcept {
    const thread_record* const self = running_thread();
    return self == nullptr || table_.has(*self) ? detail::hot().place : -1;
}

int seats::near_caller(const seating& all) const noexcept {
    const thread_record* const self = running_thread();
    return self != nullptr && table_.has(*self) ? self->home
                                                : all.place_of_cpu(topology::current_cpu());
}

thread_record* seats::pop_spare(int near) noexcept {
    seating* const all = this->all();
    if (__builtin_expect(all == nullptr, 1)) {
        return spares_.pop(table_);
    }
    near = near < 0 ? near_caller(*all) : near;
    thread_record* spare = nullptr;
    const auto take_from = [&](int place) {
        spare = pop_spare_of(*all, place);
        return spare != nullptr;
    };
    std::uint64_t seed = detail::ticks();
    const auto random = [&seed] { return seed *= 0x9e3779b97f4a7c15u; };
    if (visit_spares(all->policy(), near, all->with_spares(), all->fast(), random, take_from)) {
        return spare;
    }
    if (thread_record* const one = spares_.pop(table_); one != nullptr) {
        return one; // has never sat
    }
    // A bit may be clear for the moment in which somebody looks once more.
    for (int place = 0; place < all->places() && !take_from(place); ++place) {
    }
    return spare;
}

thread_record* seats::pop_spare_of(seating& all, int place) noexcept {
    spare_stack& stack = all.spares(place);
    thread_record* const one = stack.pop(table_);
    if (one != nullptr) {
        all.spare_count().fetch_sub(1, detail::relaxed);
    }
    if (stack.empty() && all.with_spares().has(place)) {
        all.with_spares().clear(place);
        if (!stack.empty()) {
            all.with_spares().set(place);
        }
    }
    return one;
}

bool seats::no_spares() noexcept {
    if (!spares_.empty()) {
        return false;
    }
    seating* const all = this->all();
    if (__builtin_expect(all == nullptr, 1)) {
        return true;
    }
    if (all->with_spares().for_each(0, [](int /*place*/) { return true; })) {
        return false;
    }
    for (int place = 0; place < all->places(); ++place) {
        if (!all->spares(place).empty()) {
            return false;
        }
    }
    return true;
}

bool seats::wants_spare() noexcept {
    if (!spares_.empty()) {
        return false;
    }
    seating* const all = this->all();
    return all == nullptr || all->spare_count().load(detail::relaxed) <= 0;
}

} // namespace twill::sched
