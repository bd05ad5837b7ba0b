// SPDX-License-Identifier: Apache-2.0
#include "load/thread_account.hpp"
#include "load/ticks.hpp"
#include "os/clock.hpp"

#include <algorithm>
#include <mutex>

namespace twill::load_model {

namespace {

constexpr int own_attempts = 4;

} // namespace

// How the kernel's run delay gets to the activities that it fell into; README.md in this folder has
// the rules. All but those that read, tell and listen are called under the guard.

// If a snapshot has the guard just now, it charges what there is; the span then goes on.
void thread_account::read_delay(std::uint64_t now) noexcept {
    read_due_ = now + period_;
    if (const std::unique_lock locked(guard_, std::try_to_lock); locked) {
        charge(reader::itself);
    } else if (listener_ != nullptr) {
        tell_delay_ahead();
    }
    tell_delay();
}

// Without the guard: a listener may wake somebody.
void thread_account::tell_delay_up_to(std::uint64_t sum) noexcept {
    if (listener_ != nullptr && sum > told_delay_) {
        untold_delay_ += sum - told_delay_;
        told_delay_ = sum;
        listener_(context_, transition::delayed, activity::useful, os::ticks());
    }
}

void thread_account::tell_delay() noexcept {
    tell_delay_up_to(useful_delay_.load(detail::relaxed));
}

// Who has the guard may have lost its core with it, and a strand ends here. So all that has come up
// in the span is told as that of useful time; as much as is then charged to something else is left
// out of what is told later.
void thread_account::tell_delay_ahead() noexcept {
    span_begin unused{};
    const std::int64_t fresh = own_delay(unused) - span_delay_;
    tell_delay_up_to(span_useful_delay_ + (fresh > 0 ? ticks_of(fresh) : 0));
}

void thread_account::listen(thread_listener to, void* context) noexcept {
    listener_ = nullptr;
    if (to != nullptr && place_ != nullptr) {
        read_delay(os::ticks());
    }
    told_delay_ = useful_delay_.load(detail::relaxed);
    untold_delay_ = 0;
    listener_ = to;
    context_ = context;
}

void thread_account::read_left(std::uint64_t since) noexcept {
    left_ = period_;
    if (const std::unique_lock locked(guard_, std::try_to_lock); locked) {
        charge(reader::itself, since);
    }
    tell_delay();
}

// What has come up since the last reading is first what leaving and being woken took, which nobody
// is charged; the rest is split over the span. `off_since`: since when the thread is on no place,
// for it may lose its core in the very system call that is to tell the two apart.
void thread_account::charge(reader by, std::uint64_t off_since) noexcept {
    span_begin begin{};
    const std::int64_t delay = by == reader::itself ? own_delay(begin) : times_.run_delay();
    if (delay < 0) {
        return;
    }
    const std::int64_t fresh = std::max(delay - last_delay_, std::int64_t{0});
    last_delay_ = std::max(delay, last_delay_);
    if (fresh > 0) {
        const std::uint64_t off = off_.load(detail::relaxed);
        const std::uint64_t off_now = ticks_between(off_since, os::ticks());
        const std::int64_t nobodys = std::min(nanoseconds(off + off_now), fresh);
        off_.fetch_sub(std::min(ticks_of(nobodys), off), detail::relaxed);
        split(fresh - nobodys);
    }
    if (by == reader::itself) {
        begin_span(begin);
    }
}

// A thread loses its core in system calls before anywhere else, and the delay of that is in the
// number or not. A reading that took no time has none; its beginning goes to `begin`. All system
// calls of a reading are in here: after it the thread goes on at once.
std::int64_t thread_account::own_delay(span_begin& begin) const noexcept {
    std::int64_t delay = 0;
    for (int attempt = 0; attempt < own_attempts; ++attempt) {
        begin = {os::ticks(), cpu_inside()};
        delay = times_.run_delay();
        if (os::ticks() - begin.at < suspicious_) {
            break;
        }
    }
    return delay;
}

// In proportion to the time of each activity, and never more than that time; what is left over fell
// between leaving a place and sleeping, and is nobody's either. What is charged leaves the span, so
// that no time is charged twice.
void thread_account::split(std::int64_t delay) noexcept {
    const span over = read_span(os::ticks());
    const std::uint64_t sum = over.sum();
    if (sum == 0 || delay <= 0) {
        return;
    }
    const double share =
        std::min(static_cast<double>(delay) / (static_cast<double>(nanoseconds(sum)) + 1), 1.0);
    const auto part = [share](std::uint64_t ticks) {
        return static_cast<std::uint64_t>(static_cast<double>(ticks) * share);
    };
    const auto charged = [](std::uint64_t ticks) {
        return static_cast<std::uint64_t>(nanoseconds(ticks));
    };
    for (const activity each : on_place) {
        const std::size_t k = index(each);
        if (const std::uint64_t ticks = part(over.within[k]); ticks > 0) {
            over.held->charge_delay(each, charged(ticks));
            mark_[k].fetch_add(ticks, detail::relaxed);
        }
        if (const std::uint64_t ticks = part(over.before[k]); ticks > 0) {
            over.last->charge_delay(each, charged(ticks));
            unread_[k].fetch_sub(ticks, detail::relaxed);
        }
    }
    const std::size_t useful = index(activity::useful);
    const std::uint64_t above = part(over.over);
    over_delay_ += nanoseconds(above);
    add(useful_delay_, part(over.within[useful]) + part(over.before[useful]) + above);
}

// By the thread itself, where whatever has come up belongs to no place.
void thread_account::drop_delay() noexcept {
    span_begin begin{};
    last_delay_ = std::max(last_delay_, own_delay(begin));
    begin_span(begin);
}

// By the thread itself, when its reading holds for all of its time up to `from`.
void thread_account::begin_span(span_begin from) noexcept {
    if (const place_account* const held = held_.load(detail::relaxed); held != nullptr) {
        place_reading sums = held->read();
        sums.extend_to(from.at);
        for (const activity each : on_place) {
            mark_[index(each)].store(sums.ticks[index(each)], detail::relaxed);
        }
    }
    for (const activity each : on_place) {
        unread_[index(each)].store(0, detail::relaxed);
    }
    off_.store(0, detail::relaxed);
    span_inside_ = from.inside;
    span_delay_ = last_delay_;
    span_useful_delay_ = useful_delay_.load(detail::relaxed);
    seen_running_ = from.at;
}

std::uint64_t thread_account::span::sum() const noexcept {
    std::uint64_t all = over;
    for (const activity each : on_place) {
        all += within[index(each)] + before[index(each)];
    }
    return all;
}

thread_account::span thread_account::read_span(std::uint64_t now) const noexcept {
    span result{held_.load(detail::relaxed), last_.load(detail::relaxed), {}, {}, 0};
    if (result.held != nullptr) {
        place_reading sums = result.held->read();
        sums.extend_to(now);
        for (const activity each : on_place) {
            const std::size_t k = index(each);
            result.within[k] = ticks_between(mark_[k].load(detail::relaxed), sums.ticks[k]);
        }
    }
    if (result.last != nullptr) {
        for (const activity each : on_place) {
            result.before[index(each)] = unread_[index(each)].load(detail::relaxed);
        }
    }
    if (over_on_.load(detail::relaxed) != nullptr) {
        const std::uint64_t spell = ticks_between(over_since_.load(detail::relaxed), now);
        result.over = ticks_between(ticks_of(over_delay_), spell);
    }
    return result;
}

// Of a thread that is ready and has no core: what of the span is neither charged nor in the CPU
// clock, but no more than since it was last seen on a core. A task that slept or blocked in the
// span makes this too long, until the kernel's own number puts it right.
std::int64_t thread_account::pending(std::uint64_t now, std::int64_t inside) const noexcept {
    const std::int64_t unexplained = nanoseconds(read_span(now).sum()) - (inside - span_inside_);
    return std::clamp(unexplained, std::int64_t{0}, nanoseconds(ticks_between(seen_running_, now)));
}

} // namespace twill::load_model
