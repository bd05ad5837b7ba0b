// SPDX-License-Identifier: Apache-2.0
#include "load/kind_table.hpp"

#include "load/ticks.hpp"
#include "os/kept_errno.hpp"
#include "os/message.hpp"

#include <new>

namespace twill::load_model {

namespace {

/// As in account.cpp: a writer that does not come back in so many rounds has lost its core.
constexpr int rounds_before_yield = 64;

detail::atomic<std::uint32_t> told{0};

} // namespace

void complain_of_kinds() noexcept {
    if (told.exchange(1, detail::relaxed) == 0) {
        os::say("twill: no memory for the accounts of kinds: some tasks are not counted, and their "
                "time is that of \"(unnamed)\"\n");
    }
}

std::uint64_t kind_table::end(std::uint64_t now, std::uint64_t delayed) noexcept {
    cell& of = cells_[current_.load(detail::relaxed)];
    const std::uint64_t fresh = delayed - delayed_.load(detail::relaxed);
    const std::uint64_t passed = ticks_between(since_.load(detail::relaxed), now);
    const std::uint32_t sequence = sequence_.load(detail::relaxed);
    sequence_.store(sequence + 1, detail::relaxed);
    // release, all: as in begin()
    of.ticks.store(of.ticks.load(detail::relaxed) + passed, detail::release);
    of.delay.store(of.delay.load(detail::relaxed) + fresh, detail::release);
    current_.store(unnamed_kind, detail::release);
    sequence_.store(sequence + 2, detail::release);
    return fresh;
}

void kind_table::record(std::uint32_t kind, std::uint64_t length, bool threw) noexcept {
    cell& of = cells_[kind];
    histogram* lengths = of.lengths.load(detail::acquire); // release below
    if (lengths == nullptr) {
        const os::kept_errno kept;
        auto* const fresh = new (std::nothrow) histogram;
        if (fresh == nullptr) {
            complain_of_kinds();
            return;
        }
        if (of.lengths.compare_exchange_strong(lengths, fresh, detail::acq_rel, detail::acquire)) {
            lengths = fresh;
        } else {
            delete fresh;
        }
    }
    lengths->add(length);
    std::uint64_t longest = of.longest.load(detail::relaxed);
    while (length > longest &&
           !of.longest.compare_exchange_weak(longest, length, detail::relaxed, detail::relaxed)) {
    }
    if (threw) {
        of.errors.fetch_add(1, detail::relaxed);
    }
}

kind_reading kind_table::read(std::uint32_t kind, std::uint64_t now,
                              std::uint64_t delayed) const noexcept {
    const cell& of = cells_[kind];
    kind_reading result{};
    for (int round = 0;; ++round) {
        // acquire, all: as in place_account::read()
        const std::uint32_t before = sequence_.load(detail::acquire);
        result.ticks = of.ticks.load(detail::acquire);
        result.delay = of.delay.load(detail::acquire);
        const std::uint64_t since = since_.load(detail::acquire);
        const std::uint64_t known = delayed_.load(detail::acquire);
        const bool runs = current_.load(detail::acquire) == kind;
        if ((before & 1) == 0 && sequence_.load(detail::relaxed) == before) {
            if (runs && kind != unnamed_kind) {
                result.ticks += ticks_between(since, now);
                result.delay += delayed > known ? delayed - known : 0;
            }
            break;
        }
        if (round % rounds_before_yield == rounds_before_yield - 1) {
            detail::yield_slice();
        } else {
            detail::pause();
        }
    }
    result.errors = of.errors.load(detail::relaxed);
    result.longest = of.longest.load(detail::relaxed);
    result.asleep = of.asleep.load(detail::relaxed);
    return result;
}

} // namespace twill::load_model
