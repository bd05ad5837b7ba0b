// SPDX-License-Identifier: Apache-2.0
#include "os/clock.hpp"

#include "twill/detail/atomic.hpp"

#include <bit>
#include <cmath>
#include <ctime>

namespace twill::os {
namespace {

constexpr std::int64_t first_span = 30'000; // nanoseconds

/// The best rate so far and the span it was measured over; the span only guides the refinement.
struct calibration {
    clock_anchor begin;
    detail::atomic<std::uint64_t> rate_bits{0};
    detail::atomic<std::uint64_t> refine_at{0};

    // Both apart: a guest asks for the rate twice a verb, and that is to be a handful of loads.
    [[gnu::noinline]] calibration() noexcept : begin(anchor()) {
        clock_anchor now = anchor();
        while (now.nanoseconds - begin.nanoseconds < first_span || now.ticks <= begin.ticks) {
            detail::pause();
            now = anchor();
        }
        set(now);
    }

    [[gnu::noinline]] void refine() noexcept {
        const clock_anchor now = anchor();
        if (now.nanoseconds > begin.nanoseconds && now.ticks > begin.ticks) {
            set(now);
        }
    }

    void set(clock_anchor now) noexcept {
        const double span = static_cast<double>(now.nanoseconds - begin.nanoseconds) * 1e-3;
        const double rate = static_cast<double>(now.ticks - begin.ticks) / span;
        rate_bits.store(std::bit_cast<std::uint64_t>(rate), detail::relaxed);
        // Twice the span halves the error; readings of the slow clock stay few for ever.
        refine_at.store(now.ticks + (now.ticks - begin.ticks), detail::relaxed);
    }

    double rate() const noexcept { return std::bit_cast<double>(rate_bits.load(detail::relaxed)); }
};

} // namespace

std::int64_t monotonic_nanoseconds() noexcept {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

clock_anchor anchor() noexcept {
    clock_anchor best{};
    std::uint64_t narrowest = ~std::uint64_t{0};
    for (int attempt = 0; attempt < 3; ++attempt) {
        const std::uint64_t before = ticks();
        const std::int64_t nanoseconds = monotonic_nanoseconds();
        const std::uint64_t width = ticks() - before;
        if (width < narrowest) {
            narrowest = width;
            best = {before + width / 2, nanoseconds};
        }
    }
    return best;
}

double ticks_per_microsecond() noexcept {
    static calibration measured;
    if (__builtin_expect(ticks() > measured.refine_at.load(detail::relaxed), 0)) {
        measured.refine();
    }
    return measured.rate();
}

std::uint64_t ticks_from_microseconds(double microseconds) noexcept {
    const double ticks = microseconds * ticks_per_microsecond();
    return ticks > 0 ? static_cast<std::uint64_t>(std::llround(ticks)) : 0;
}

double nanoseconds_from_ticks(std::uint64_t ticks) noexcept {
    return static_cast<double>(ticks) * 1e3 / ticks_per_microsecond();
}

} // namespace twill::os
