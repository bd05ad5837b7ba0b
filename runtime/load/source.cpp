// SPDX-License-Identifier: Apache-2.0
#include "load/source.hpp"

#include "load/thread_account.hpp"
#include "os/environment.hpp"

namespace twill::load_model {

namespace {

// The word of the verbs: how many run, and above that a time modulo 2^48 units.
constexpr std::uint64_t running_mask = 0xffff;
constexpr unsigned time_shift = 16;
constexpr std::uint64_t time_mask = ~std::uint64_t{0} >> time_shift;

std::uint64_t units(std::uint64_t from, std::uint64_t to) noexcept {
    return to > from ? (to - from) / load_source::ticks_per_unit : 0;
}

} // namespace

void load_source::open(int workers, int awake_limit, place_account* places) noexcept {
    workers_ = workers;
    set_awake_limit(awake_limit);
    places_ = places;
    counts_hardware_ = os::flag("TWILL_COUNTERS");
    opened_ = os::anchor();
    for (int k = 0; k < workers; ++k) {
        places[k].open(opened_.ticks);
    }
}

// Relaxed throughout: the word says nothing about other memory.
void load_source::verb_began(std::uint64_t now) noexcept {
    const std::uint64_t time = units(opened_.ticks, now);
    std::uint64_t seen = verbs_.load(detail::relaxed);
    std::uint64_t next = 0;
    do {
        next = seen + 1;
        if ((seen & running_mask) == 0) {
            next -= time << time_shift;
        }
    } while (!verbs_.compare_exchange_weak(seen, next, detail::relaxed, detail::relaxed));
}

void load_source::verb_ended(std::uint64_t now) noexcept {
    const std::uint64_t time = units(opened_.ticks, now);
    std::uint64_t seen = verbs_.load(detail::relaxed);
    std::uint64_t next = 0;
    do {
        next = seen - 1;
        if ((next & running_mask) == 0) {
            next += time << time_shift;
        }
    } while (!verbs_.compare_exchange_weak(seen, next, detail::relaxed, detail::relaxed));
}

std::uint64_t load_source::inside_verbs(std::uint64_t now) const noexcept {
    const std::uint64_t word = verbs_.load(detail::relaxed);
    const std::uint64_t elapsed = units(opened_.ticks, now);
    std::uint64_t inside = word >> time_shift;
    if ((word & running_mask) != 0) {
        inside = (inside + elapsed) & time_mask;
    }
    if (inside > elapsed) {
        // A verb began or ended after `now`: a little too much, or a little less than nothing.
        inside = inside - elapsed < time_mask / 2 ? elapsed : 0;
    }
    return inside * ticks_per_unit;
}

void load_source::note_hardware(const os::hardware_counters& opened) noexcept {
    for (std::size_t k = 0; k < os::hardware_event_count; ++k) {
        if (const int error = opened.refusal(static_cast<os::hardware_event>(k)); error != 0) {
            refused_[k].store(error, detail::relaxed);
        }
    }
}

const char* load_source::hardware_absent(os::hardware_event what) const noexcept {
    if (!counts_hardware_) {
        return "TWILL_COUNTERS=1 was not set";
    }
    return os::reason_of_refusal(refused_[static_cast<std::size_t>(what)].load(detail::relaxed));
}

thread_account* load_source::first_thread() const noexcept {
    // acquire: pairs with the release in adopt(), for the account
    return threads_.load(detail::acquire);
}

void load_source::adopt(thread_account& account) noexcept {
    thread_account* first = threads_.load(detail::relaxed);
    do {
        account.next_ = first;
        // release: pairs with the acquire in first_thread(). The account behind `first` is seen
        // too: every exchange of the word continues the release of the one before.
    } while (!threads_.compare_exchange_weak(first, &account, detail::release, detail::relaxed));
}

} // namespace twill::load_model
