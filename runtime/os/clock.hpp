// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "twill/detail/clock.hpp"

#include <cstdint>

namespace twill::os {

/// The processor's clock in raw ticks: monotonic, the same on every core, about 10 ns to read.
using detail::ticks;

/// The rate of ticks(). The first call measures it for at most 30 us against CLOCK_MONOTONIC;
/// later calls refine it as more time lies between now and then. Never zero. Thread-safe.
double ticks_per_microsecond() noexcept;

/// A length of time in ticks, rounded; nothing below zero.
std::uint64_t ticks_from_microseconds(double microseconds) noexcept;

/// The length of `ticks` in nanoseconds.
double nanoseconds_from_ticks(std::uint64_t ticks) noexcept;

/// CLOCK_MONOTONIC, in nanoseconds.
std::int64_t monotonic_nanoseconds() noexcept;

/// One instant on both clocks: what turns ticks into time later.
struct clock_anchor {
    std::uint64_t ticks;
    std::int64_t nanoseconds;
};

/// Reads both clocks together, the best of a few tries, so that an interrupt between the two
/// readings does not count.
clock_anchor anchor() noexcept;

} // namespace twill::os
