// SPDX-License-Identifier: Apache-2.0
#include "load/kind_table.hpp"
#include "load/region_table.hpp"
#include "load/thread_account.hpp"
#include "load/ticks.hpp"
#include "os/clock.hpp"

#include <algorithm>

namespace twill::load_model {

namespace {

/// A system call is little against this part of the period in which the run delay is read.
constexpr std::uint64_t stretches = 4;

} // namespace

// A thread is in one kind at a time, that of its innermost frame, and its time is charged where
// the kind or the activity changes. The run delay is read here too when that is due, so that it
// goes to the kind that it fell into.

void thread_account::close_kind(std::uint64_t now) noexcept {
    if (charges_ == charge_to::nothing) {
        return;
    }
    std::uint64_t passed = ticks_between(kind_since_, now);
    if (charges_ == charge_to::place) {
        const std::uint64_t delay = place_->kinds()->end(now, place_->delayed(activity::useful));
        passed -= std::min(delay != 0 ? ticks_of(static_cast<std::int64_t>(delay)) : 0, passed);
        if (passed > period_ / stretches) {
            read_asleep(now, passed);
        }
    }
    kind_->own += passed;
    charges_ = charge_to::nothing;
}

void thread_account::open_kind(std::uint64_t now) noexcept {
    if (kind_ == nullptr || place_ == nullptr ||
        (!over_ && place_->current() != activity::useful)) {
        return;
    }
    kind_since_ = now;
    charges_ = charge_to::task;
    if (!over_) {
        if (kind_table* const kinds = place_->make_kinds(); kinds != nullptr) {
            kinds->begin(kind_->number, now, place_->delayed(activity::useful));
            charges_ = charge_to::place;
            if (ticks_between(kind_cpu_read_, now) > period_ / stretches) {
                kind_cpu_ = times_.cpu();
                kind_cpu_read_ = now;
            }
        }
    }
}

// The kind had the place for `passed` ticks, run delay taken off; what of that is not in the CPU
// clock the thread slept. The clock was read a while before, so some of it may be missed.
void thread_account::read_asleep(std::uint64_t now, std::uint64_t passed) noexcept {
    const std::int64_t cpu = times_.cpu();
    const std::int64_t asleep = nanoseconds(passed) - (cpu - kind_cpu_);
    if (cpu >= 0 && kind_cpu_ >= 0 && asleep > 0) {
        place_->kinds()->add_asleep(kind_->number, static_cast<std::uint64_t>(asleep));
    }
    kind_cpu_ = cpu;
    kind_cpu_read_ = now;
}

void thread_account::begin_kind(detail::kind_frame& frame, std::uint32_t number,
                                detail::job* newest) noexcept {
    const std::uint64_t now = os::ticks();
    if (now > read_due_) {
        read_delay(now);
    }
    close_kind(now);
    frame = {kind_, newest, 0, number, 0};
    kind_ = &frame;
    open_kind(now);
}

void thread_account::end_kind(detail::kind_frame& frame, bool threw) noexcept {
    const std::uint64_t now = os::ticks();
    if (now > read_due_) {
        read_delay(now);
    }
    close_kind(now);
    if (kind_table* const kinds = place_->make_kinds(); kinds != nullptr) {
        kinds->record(frame.number, frame.own, threw);
    }
    kind_ = frame.outer;
    open_kind(now);
}

void thread_account::enter_of_kind(activity next, std::uint64_t now) noexcept {
    if (now > read_due_) {
        read_delay(now); // before it is another activity's
    }
    close_kind(now);
    if (!over_ && place_ != nullptr) {
        place_->enter(next, now);
    }
    if (listener_ != nullptr) {
        listener_(context_, transition::enter, next, now);
    }
    if (next == activity::useful) {
        open_kind(now);
    }
}

void thread_account::set_kind(detail::kind_frame* next) noexcept {
    const std::uint64_t now = os::ticks();
    close_kind(now);
    kind_ = next;
    open_kind(now);
}

void thread_account::begin_root(around_root& around, root_origin from) noexcept {
    around.kind = kind_;
    around.region = current_region;
    around.root_region = root_region_.load(detail::relaxed);
    current_region = from.region;
    root_region_.store(from.region, detail::relaxed);
    if (from.kind != unnamed_kind) {
        around.frame = {nullptr, nullptr, 0, from.kind, 0};
        set_kind(&around.frame);
    } else if (kind_ != nullptr) {
        set_kind(nullptr);
    }
}

void thread_account::end_root(const around_root& around) noexcept {
    current_region = around.region;
    root_region_.store(around.root_region, detail::relaxed);
    if (kind_ != around.kind) {
        set_kind(around.kind);
    }
}

} // namespace twill::load_model
