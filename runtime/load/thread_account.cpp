// SPDX-License-Identifier: Apache-2.0
#include "load/thread_account.hpp"

#include "load/ticks.hpp"
#include "os/clock.hpp"

#include <algorithm>
#include <mutex>

namespace twill::load_model {

namespace {

constexpr double delay_period_us = 500;

/// Within so long after a reading of the CPU clock the thread is taken to have run all the time:
/// some fifty times the price of a reading.
constexpr std::int64_t cpu_stays_known = 20'000; // nanoseconds

/// Time that is not in the CPU clock and longer than this is worth a reading of the run delay.
constexpr std::int64_t noticeable_gap = 10'000; // nanoseconds

/// Being woken, or waking others, takes less than this on a thread that keeps its core.
constexpr double suspicious_us = 100;

} // namespace

void thread_account::attach(load_source& source, role as, std::uint32_t number) noexcept {
    const bool first = source_ == nullptr;
    {
        const std::lock_guard locked(guard_);
        source_ = &source;
        role_ = as;
        period_ = os::ticks_from_microseconds(delay_period_us);
        suspicious_ = os::ticks_from_microseconds(suspicious_us);
        fresh_ = true;
        left_at_ = 0;
        left_ = period_;
        times_.open();
        kernel_thread_ = times_.thread();
        if (source.counts_hardware()) {
            hardware_.open();
            source.note_hardware(hardware_);
            counted_ = hardware_.read();
        }
        last_delay_ = times_.run_delay();
        delay_known_ = delay_known_ || last_delay_ >= 0;
        last_delay_ = std::max(last_delay_, std::int64_t{0});
        edge_read_ = os::ticks();
        edge_cpu_ = times_.cpu();
        outside_ = std::max(edge_cpu_, std::int64_t{0});
        inside_ = 0;
        told_cpu_ = 0;
        in_verb_ = as == role::worker;
        attached_ = true;
        begin_span({edge_read_, cpu_inside()});
        if (as == role::worker) {
            begin_off(edge_read_, edge_cpu_);
        }
    }
    if (first) {
        number_ = number; // before adopt(), which others see it by
        source.adopt(*this);
    }
}

void thread_account::detach() noexcept {
    end_off(os::ticks());
    const std::lock_guard locked(guard_);
    charge(reader::itself);
    carried_cpu_ += std::max(cpu_inside(), std::int64_t{0});
    times_.close();
    hardware_.close();
    attached_ = false;
}

pid_t thread_account::kernel_thread() noexcept {
    const std::lock_guard locked(guard_);
    return attached_ ? times_.thread() : 0;
}

thread_account::blocked_reading thread_account::read_blocked(std::uint64_t now) noexcept {
    constexpr std::uint64_t mask = ~std::uint64_t{0} >> 1;
    const std::uint64_t word = blocked_.load(detail::relaxed);
    std::uint64_t ticks = word >> 1;
    if ((word & 1) != 0) {
        ticks = (ticks + now) & mask;
        if (ticks > mask / 2) {
            ticks = 0; // it began after `now`, the first time
        }
    }
    const std::lock_guard locked(guard_);
    return {number_, role_ == role::guest, kernel_thread_, ticks, blocks_.load(detail::relaxed)};
}

// A gap before a verb is not the verb's, whatever the thread did; a gap in it may be. Told apart
// here, no delay of the program's serial part is charged to a place.
void thread_account::begin_verb(std::uint64_t now) noexcept {
    source_->verb_began(now);
    end_blocking(now); // up to now the thread did something else
}

void thread_account::end_blocking(std::uint64_t now) noexcept {
    left_at_ = 0;
    const std::lock_guard locked(guard_);
    std::int64_t gap = 0;
    const std::int64_t cpu = edge(now, gap);
    outside_ = cpu - inside_;
    in_verb_ = true;
    begin_off(now, cpu);
    if (gap > noticeable_gap || left_ == 0) {
        left_ = period_;
        drop_delay();
    }
}

void thread_account::end_verb(std::uint64_t now) noexcept {
    begin_blocking(now); // from now on it does something else
    source_->verb_ended(now);
}

void thread_account::begin_blocking(std::uint64_t now) noexcept {
    {
        const std::lock_guard locked(guard_);
        std::int64_t gap = 0;
        end_off(now);
        const std::int64_t cpu = edge(now, gap);
        if (gap > noticeable_gap) {
            left_ = period_;
            // What came up since the place was left, as others were woken, is nobody's.
            charge(reader::itself, left_at_ != 0 ? left_at_ : now);
        }
        inside_ = std::max(inside_, cpu - outside_);
        in_verb_ = false;
    }
    tell_delay();
}

void thread_account::take(place_account& place, activity first, std::uint64_t now,
                          bool over) noexcept {
    if (fresh_) {
        fresh_ = false; // what came up since attach() was before every place
        const std::lock_guard locked(guard_);
        drop_delay();
        now = os::ticks();
    }
    if (hardware_.open_at_all()) {
        begin_hardware();
    }
    end_off(now);
    place_ = &place;
    over_ = over;
    left_at_ = 0;
    read_due_ = now + left_;
    left_ = ~std::uint64_t{0};
    if (over) {
        over_since_.store(now, detail::relaxed);
        over_on_.store(&place, detail::relaxed);
    } else {
        place.enter(first, now);
        for (const activity each : on_place) {
            mark_[index(each)].store(place.ended(each), detail::relaxed);
        }
        held_.store(&place, detail::relaxed);
    }
    if (listener_ != nullptr) {
        listener_(context_, transition::take, first, now);
    }
    // release: pairs with the acquire in read(), which then finds the place, or the thread gone
    ran_.store(1, detail::release);
    if (first == activity::useful) {
        open_kind(now);
    }
}

void thread_account::leave(std::uint64_t now) noexcept {
    if (charges_ != charge_to::nothing) {
        close_kind(now);
    }
    left_ = ticks_between(now, read_due_);
    read_due_ = ~std::uint64_t{0};
    if (hardware_.open_at_all()) {
        const std::lock_guard locked(guard_);
        charge_hardware(*place_);
    }
    if (over_) {
        const std::lock_guard locked(guard_);
        charge(reader::itself, now);
        left_ = period_;
        const std::int64_t spell =
            nanoseconds(ticks_between(over_since_.load(detail::relaxed), now));
        over_on_.store(nullptr, detail::relaxed);
        place_->add_over(
            static_cast<std::uint64_t>(std::max(spell - over_delay_, std::int64_t{0})));
        over_delay_ = 0;
    } else {
        place_->enter(activity::parked, now);
        held_.store(nullptr, detail::relaxed);
        last_.store(place_, detail::relaxed);
        for (const activity each : on_place) {
            const std::uint64_t mark = mark_[index(each)].load(detail::relaxed);
            unread_[index(each)].fetch_add(ticks_between(mark, place_->ended(each)),
                                           detail::relaxed);
        }
    }
    tell_delay();
    if (listener_ != nullptr) {
        listener_(context_, transition::leave, activity::parked, now);
    }
    left_at_ = now;
    begin_off(now, -1);
    place_ = nullptr;
    over_ = false;
}

// Here it is still plain which delay fell between the place and the sleep.
void thread_account::left(std::uint64_t now) noexcept {
    const std::uint64_t since = left_at_ != 0 ? left_at_ : now;
    left_at_ = 0;
    if (left_ == 0 || ticks_between(since, now) > suspicious_) {
        read_left(since);
    }
    end_off(now);
    off_cpu_ = in_verb_ ? times_.cpu() : -1;
    // Whoever was woken just now often takes this core at the first system call, which is here: up
    // to some milliseconds of run delay that would be charged to what the thread does next.
    if (ticks_between(now, os::ticks()) > suspicious_) {
        read_left(now);
    }
}

// And here which fell into being woken.
void thread_account::resumed(std::uint64_t woken_at, std::uint64_t now) noexcept {
    const std::uint64_t latency = ticks_between(woken_at, now);
    if (latency > suspicious_) {
        read_left(woken_at);
    } else {
        off_.fetch_add(latency, detail::relaxed);
    }
    if (in_verb_) {
        const std::int64_t cpu = times_.cpu();
        if (off_cpu_ >= 0 && cpu > off_cpu_) {
            add(off_nanoseconds_, static_cast<std::uint64_t>(cpu - off_cpu_));
        }
        begin_off(os::ticks(), cpu);
    }
}

// Where the clock was not read before, as the thread left its place, no more counts than what one
// needs that keeps its core.
void thread_account::end_long_off() noexcept {
    if (off_cpu_ < 0) {
        add(off_ticks_, suspicious_);
    } else if (const std::int64_t cpu = times_.cpu(); cpu > off_cpu_) {
        add(off_nanoseconds_, static_cast<std::uint64_t>(cpu - off_cpu_));
    }
}

// By the thread itself, which takes a place: what it did since it left one is nobody's.
void thread_account::begin_hardware() noexcept {
    const std::lock_guard locked(guard_);
    counted_ = hardware_.read();
}

// Under the guard.
void thread_account::charge_hardware(place_account& to) noexcept {
    const os::hardware_counts now = hardware_.read();
    for (std::size_t k = 0; k < os::hardware_event_count; ++k) {
        // An estimate (of a counter that was shared with others) may be below the last one.
        if (now.of[k] > counted_.of[k]) {
            to.charge_hardware(static_cast<os::hardware_event>(k), now.of[k] - counted_.of[k]);
            counted_.of[k] = now.of[k];
        }
    }
}

// The thread's own CPU clock at an edge of a verb, and the time since the last edge that is not in
// the clock.
std::int64_t thread_account::edge(std::uint64_t now, std::int64_t& gap) noexcept {
    const std::int64_t elapsed = nanoseconds(ticks_between(edge_read_, now));
    if (edge_cpu_ >= 0 && elapsed < cpu_stays_known) {
        return edge_cpu_ + elapsed;
    }
    const std::int64_t cpu = times_.cpu();
    if (edge_cpu_ >= 0 && cpu >= 0) {
        // The time of the reading itself too: the thread may have lost its core in it.
        gap = nanoseconds(ticks_between(edge_read_, os::ticks())) - (cpu - edge_cpu_);
    }
    edge_read_ = now;
    edge_cpu_ = cpu;
    return cpu;
}

std::int64_t thread_account::cpu_inside() const noexcept {
    if (!in_verb_) {
        return inside_;
    }
    const std::int64_t cpu = times_.cpu();
    return cpu < 0 ? cpu : std::max(cpu - outside_, inside_);
}

thread_account::reading thread_account::read(std::uint64_t now) noexcept {
    const std::lock_guard locked(guard_);
    reading result{
        carried_cpu_, delay_known_, nullptr, 0, nullptr, 0, off_nanoseconds_.load(detail::relaxed)};
    result.off_places += static_cast<std::uint64_t>(nanoseconds(off_ticks_.load(detail::relaxed)));
    if (!attached_) {
        return result;
    }
    // acquire: pairs with the release in take()
    const bool ran = ran_.exchange(0, detail::acquire) != 0;
    // Once each: the thread may leave meanwhile, without the guard.
    place_account* const held = held_.load(detail::relaxed);
    place_account* const over = over_on_.load(detail::relaxed);
    result.on = held;
    result.over_on = over;
    if (result.on != nullptr || result.over_on != nullptr) {
        ran_.store(1, detail::relaxed); // it goes on, and the next reading is to see how far
        if (hardware_.open_at_all()) {
            charge_hardware(held != nullptr ? *held : *over);
        }
        read_on_place(result);
    } else if (ran) {
        // What comes up now may be of a wake that goes on: the thread itself charges it, or drops
        // it.
        told_cpu_ = cpu_inside();
    } else if (!in_verb_) {
        told_cpu_ = inside_;
    }
    result.cpu = told_cpu_ < 0 ? told_cpu_ : carried_cpu_ + told_cpu_;
    if (result.over_on != nullptr) {
        const std::int64_t spell =
            nanoseconds(ticks_between(over_since_.load(detail::relaxed), now));
        result.over = std::max(spell - over_delay_ - result.pending, std::int64_t{0});
    }
    return result;
}

// The clock of a thread that has a core moves on while its run delay is read.
void thread_account::read_on_place(reading& result) noexcept {
    const std::int64_t first = cpu_inside();
    const std::uint64_t begin = os::ticks();
    charge(reader::other);
    const std::uint64_t end = os::ticks();
    told_cpu_ = cpu_inside();
    if (first < 0 || !delay_known_) {
        return;
    }
    if ((told_cpu_ - first) * 4 > nanoseconds(ticks_between(begin, end)) || !times_.ready() ||
        cpu_inside() != told_cpu_) {
        seen_running_ = end;
    } else {
        result.pending = pending(end, told_cpu_);
    }
}

} // namespace twill::load_model
