// SPDX-License-Identifier: Apache-2.0
#include "load/account.hpp"

#include "os/kept_errno.hpp"

#include <new>

namespace twill::load_model {

namespace {

/// A writer is between its two numbers for some ten instructions; one that does not come back in
/// so many rounds has lost its core, perhaps to this thread.
constexpr int rounds_before_yield = 64;

/// Takes up to `wanted` out of `from`; returns what is still wanted.
std::uint64_t take_out(std::uint64_t& from, std::uint64_t wanted) noexcept {
    const std::uint64_t taken = from < wanted ? from : wanted;
    from -= taken;
    return wanted - taken;
}

} // namespace

void place_activities::extend_to(std::uint64_t now) noexcept {
    std::uint64_t& going_on = ticks[static_cast<std::size_t>(current)];
    if (now >= since) {
        going_on += now - since;
    } else {
        // `current` began after the instant, so the one before it went on at the instant. If even
        // that one is shorter, the rest was one of the others.
        std::uint64_t back = since - (now > opened ? now : opened);
        back = take_out(ticks[static_cast<std::size_t>(previous)], back);
        for (std::uint64_t& other : ticks) {
            back = take_out(other, back);
        }
        current = previous;
    }
    since = now;
}

void place_account::open(std::uint64_t now) noexcept {
    static_assert(static_cast<std::uint32_t>(activity::parked) == 0, "state_ begins as parked");
    since_.store(now, detail::relaxed);
    opened_.store(now, detail::relaxed);
}

kind_table* place_account::make_kinds_slow() noexcept {
    const os::kept_errno kept;
    auto* const fresh = new (std::nothrow) kind_table;
    if (fresh == nullptr) {
        complain_of_kinds();
        return nullptr;
    }
    kind_table* made = nullptr;
    // release: pairs with the acquire in kinds(); acquire: as there
    if (kinds_.compare_exchange_strong(made, fresh, detail::acq_rel, detail::acquire)) {
        return fresh;
    }
    delete fresh;
    return made;
}

place_activities place_account::activities() const noexcept {
    place_activities result{};
    for (int round = 0;; ++round) {
        // acquire: pairs with the release of the even number in enter(); what follows is as new
        const std::uint32_t before = sequence_.load(detail::acquire);
        // acquire: pair with the releases in enter(): with a newer value comes the odd number
        for (std::size_t k = 0; k < activity_count; ++k) {
            result.ticks[k] = ticks_[k].load(detail::acquire);
        }
        result.since = since_.load(detail::acquire);
        const std::uint32_t state = state_.load(detail::acquire);
        if ((before & 1) == 0 && sequence_.load(detail::relaxed) == before) {
            result.current = static_cast<activity>(state & 3);
            result.previous = static_cast<activity>(state >> 2 & 3);
            break;
        }
        if (round % rounds_before_yield == rounds_before_yield - 1) {
            detail::yield_slice();
        } else {
            detail::pause();
        }
    }
    result.opened = opened_.load(detail::relaxed);
    return result;
}

place_reading place_account::read() const noexcept {
    place_reading result{activities(), {}, 0, {}, {}};
    for (std::size_t k = 0; k < activity_count; ++k) {
        result.delay[k] = delay_[k].load(detail::relaxed);
    }
    result.over = over_.load(detail::relaxed);
    for (std::size_t k = 0; k < counter_count; ++k) {
        result.counts[k] =
            counts_[k].load(detail::relaxed) + shared_counts_[k].load(detail::relaxed);
    }
    for (std::size_t k = 0; k < os::hardware_event_count; ++k) {
        result.hardware[k] = hardware_[k].load(detail::relaxed);
    }
    return result;
}

} // namespace twill::load_model
