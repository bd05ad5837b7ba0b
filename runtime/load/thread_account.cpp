// SPDX-License-Identifier: Apache-2.0
#include "load/thread_account.hpp"

#include "os/clock.hpp"

#include <algorithm>

namespace twill::load_model {

namespace {

constexpr double delay_period_us = 500;

/// Within so long after a reading of the CPU clock the thread is taken to have run all the time:
/// some fifty times the price of a reading.
constexpr double cpu_stays_known_us = 20;

/// The activities a thread on a place can be in.
constexpr activity on_place[] = {activity::search, activity::dispatch, activity::useful};

constexpr std::size_t index(activity of) noexcept { return static_cast<std::size_t>(of); }

std::int64_t nanoseconds(std::uint64_t ticks) noexcept {
    return static_cast<std::int64_t>(os::nanoseconds_from_ticks(ticks));
}

std::uint64_t ticks_of(std::int64_t nanoseconds) noexcept {
    return os::ticks_from_microseconds(static_cast<double>(nanoseconds) * 1e-3);
}

constexpr std::uint64_t above(std::uint64_t value, std::uint64_t floor) noexcept {
    return value > floor ? value - floor : 0;
}

} // namespace

class thread_account::locked {
public:
    explicit locked(thread_account& account) noexcept
        : account_(account), held_(account.try_lock()) {
        while (!held_) {
            detail::yield_slice(); // a reader is in a system call, or has lost its core
            held_ = account.try_lock();
        }
    }
    locked(thread_account& account, bool) noexcept : account_(account), held_(account.try_lock()) {}
    locked(const locked&) = delete;
    locked& operator=(const locked&) = delete;
    ~locked() {
        if (held_) {
            // release: pairs with the acquire in try_lock()
            account_.guard_.store(0, detail::release);
        }
    }
    explicit operator bool() const noexcept { return held_; }

private:
    thread_account& account_;
    bool held_;
};

bool thread_account::try_lock() noexcept {
    // acquire: pairs with the release in the destructor of `locked`
    return guard_.load(detail::relaxed) == 0 && guard_.exchange(1, detail::acquire) == 0;
}

void thread_account::attach(load_source& source, role as) noexcept {
    const bool first = source_ == nullptr;
    {
        const locked guard(*this);
        source_ = &source;
        role_ = as;
        period_ = os::ticks_from_microseconds(delay_period_us);
        left_ = period_;
        times_.open();
        last_delay_ = times_.run_delay();
        delay_known_ = delay_known_ || last_delay_ >= 0;
        last_delay_ = std::max(last_delay_, std::int64_t{0});
        cpu_read_ = os::ticks();
        cpu_ = times_.cpu();
        outside_ = std::max(cpu_, std::int64_t{0});
        inside_ = 0;
        told_cpu_ = 0;
        in_verb_ = as == role::worker;
        attached_ = true;
    }
    if (first) {
        source.adopt(*this);
    }
}

void thread_account::detach() noexcept {
    const locked guard(*this);
    charge(reader::itself);
    const std::int64_t cpu = cpu_inside(os::ticks());
    carried_cpu_ += std::max(cpu, std::int64_t{0});
    times_.close();
    attached_ = false;
}

void thread_account::begin_verb(std::uint64_t now) noexcept {
    source_->verb_began(now);
    left();
    const locked guard(*this);
    outside_ = cpu_at(now) - inside_;
    in_verb_ = true;
}

void thread_account::end_verb(std::uint64_t now) noexcept {
    {
        const locked guard(*this);
        inside_ = std::max(inside_, cpu_at(now) - outside_);
        in_verb_ = false;
    }
    source_->verb_ended(now);
}

void thread_account::take(place_account& place, activity first, std::uint64_t now,
                          bool over) noexcept {
    place_ = &place;
    over_ = over;
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
    // release: pairs with the acquire in read(), which then finds the place, or the thread gone
    ran_.store(1, detail::release);
}

void thread_account::leave(std::uint64_t now) noexcept {
    left_ = above(read_due_, now);
    read_due_ = ~std::uint64_t{0};
    if (over_) {
        const locked guard(*this);
        charge(reader::itself);
        left_ = period_;
        const std::int64_t spell = nanoseconds(above(now, over_since_.load(detail::relaxed)));
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
            unread_[index(each)].fetch_add(above(place_->ended(each), mark), detail::relaxed);
        }
    }
    place_ = nullptr;
    over_ = false;
}

void thread_account::resumed(std::uint64_t woken_at, std::uint64_t now) noexcept {
    wakes_.fetch_add(above(now, woken_at), detail::relaxed);
}

// If a reader has the guard just now, it charges what there is; the span then goes on.
void thread_account::read_delay(std::uint64_t now) noexcept {
    read_due_ = now + period_;
    if (const locked guard(*this, true); guard) {
        charge(reader::itself);
    }
}

void thread_account::read_left() noexcept {
    left_ = period_;
    if (const locked guard(*this, true); guard) {
        charge(reader::itself);
    }
}

// What has come up since the last reading is first what the wakes of the span took, which nobody
// is charged; the rest is split over the activities of the span in proportion to their time, each
// up to that time. What is left over fell between leaving a place and sleeping: nobody's again.
void thread_account::charge(reader by) noexcept {
    const std::int64_t delay = times_.run_delay();
    if (delay < 0) {
        return;
    }
    std::int64_t fresh = std::max(delay - last_delay_, std::int64_t{0});
    last_delay_ = std::max(delay, last_delay_);
    if (fresh > 0) {
        const std::int64_t waking = std::min(nanoseconds(wakes_.load(detail::relaxed)), fresh);
        fresh -= waking;
        wakes_.fetch_sub(std::min(ticks_of(waking), wakes_.load(detail::relaxed)), detail::relaxed);
        split(fresh);
    }
    if (by == reader::itself) {
        begin_span();
    }
}

void thread_account::split(std::int64_t delay) noexcept {
    const std::uint64_t now = os::ticks();
    place_account* const held = held_.load(detail::relaxed);
    place_account* const last = last_.load(detail::relaxed);
    std::uint64_t within[activity_count]{};
    std::uint64_t before[activity_count]{};
    std::uint64_t over = 0;
    std::uint64_t all = 0;
    if (held != nullptr) {
        place_reading sums = held->read();
        sums.extend_to(now);
        for (const activity each : on_place) {
            const std::size_t k = index(each);
            within[k] = above(sums.ticks[k], mark_[k].load(detail::relaxed));
            all += within[k];
        }
    }
    if (last != nullptr) {
        for (const activity each : on_place) {
            before[index(each)] = unread_[index(each)].load(detail::relaxed);
            all += before[index(each)];
        }
    }
    if (over_on_.load(detail::relaxed) != nullptr) {
        over = above(above(now, over_since_.load(detail::relaxed)), ticks_of(over_delay_));
        all += over;
    }
    if (all == 0) {
        return;
    }
    const double share =
        std::min(static_cast<double>(delay) / static_cast<double>(nanoseconds(all) + 1), 1.0);
    const auto part = [share](std::uint64_t ticks) {
        return static_cast<std::uint64_t>(static_cast<double>(ticks) * share);
    };
    for (const activity each : on_place) {
        const std::size_t k = index(each);
        // What is charged is out of the span, so that its time is not charged twice.
        if (const std::uint64_t ticks = part(within[k]); ticks > 0) {
            held->charge_delay(each, static_cast<std::uint64_t>(nanoseconds(ticks)));
            mark_[k].fetch_add(ticks, detail::relaxed);
        }
        if (const std::uint64_t ticks = part(before[k]); ticks > 0) {
            last->charge_delay(each, static_cast<std::uint64_t>(nanoseconds(ticks)));
            unread_[k].fetch_sub(ticks, detail::relaxed);
        }
    }
    over_delay_ += nanoseconds(part(over));
}

// By the thread itself, at a transition or on no place: the current activity has just begun.
void thread_account::begin_span() noexcept {
    for (const activity each : on_place) {
        unread_[index(each)].store(0, detail::relaxed);
        if (const place_account* held = held_.load(detail::relaxed); held != nullptr) {
            mark_[index(each)].store(held->ended(each), detail::relaxed);
        }
    }
    wakes_.store(0, detail::relaxed);
}

// The thread's own clock at `now`, by the thread itself.
std::int64_t thread_account::cpu_at(std::uint64_t now) noexcept {
    const std::int64_t since = nanoseconds(above(now, cpu_read_));
    if (cpu_ >= 0 && since < static_cast<std::int64_t>(cpu_stays_known_us * 1e3)) {
        return cpu_ + since;
    }
    cpu_read_ = now;
    cpu_ = times_.cpu();
    return cpu_;
}

std::int64_t thread_account::cpu_inside(std::uint64_t now) noexcept {
    if (!in_verb_) {
        return inside_;
    }
    cpu_read_ = now;
    cpu_ = times_.cpu();
    return cpu_ < 0 ? cpu_ : std::max(cpu_ - outside_, inside_);
}

thread_account::reading thread_account::read(std::uint64_t now) noexcept {
    const locked guard(*this);
    reading result{carried_cpu_, delay_known_, nullptr, 0};
    if (!attached_) {
        return result;
    }
    // acquire: pairs with the release in take()
    const bool ran = ran_.exchange(0, detail::acquire) != 0;
    place_account* const over_on = over_on_.load(detail::relaxed);
    const bool on_one = over_on != nullptr || held_.load(detail::relaxed) != nullptr;
    if (ran || on_one) {
        charge(reader::other);
        told_cpu_ = cpu_inside(now);
    } else if (role_ == role::guest) {
        told_cpu_ = in_verb_ ? std::max(told_cpu_, inside_) : inside_;
    }
    if (on_one) {
        ran_.store(1, detail::relaxed); // it goes on, and the next reading is to see how far
    }
    result.cpu = told_cpu_ < 0 ? told_cpu_ : carried_cpu_ + told_cpu_;
    if (over_on != nullptr) {
        const std::int64_t spell = nanoseconds(above(now, over_since_.load(detail::relaxed)));
        result.over_on = over_on;
        result.over = static_cast<std::uint64_t>(std::max(spell - over_delay_, std::int64_t{0}));
    }
    return result;
}

} // namespace twill::load_model
