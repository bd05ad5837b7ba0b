// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "profile/profile.hpp"
#include "trace/records.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace twill::profile {

/// Turns ticks into time: by the rate of the header, or by two readings of the clocks where these
/// lie far enough apart to be better.
class tick_clock {
public:
    tick_clock() = default;
    tick_clock(const trace::clock_reading& begin, double ticks_per_nanosecond) noexcept
        : begin_(begin), rate_(ticks_per_nanosecond) {}

    /// A later reading; one that cannot be is not taken.
    void set(const trace::clock_reading& later) noexcept {
        constexpr double far_enough = 10e6;
        const double ticks = static_cast<double>(later.ticks) - static_cast<double>(begin_.ticks);
        const double time =
            static_cast<double>(later.monotonic) - static_cast<double>(begin_.monotonic);
        if (time >= far_enough && std::abs(ticks / time / rate_ - 1) < 0.1) {
            rate_ = ticks / time;
        }
    }

    [[nodiscard]] double ticks_per_nanosecond() const noexcept { return rate_; }
    /// The length of so many ticks.
    [[nodiscard]] nanoseconds length(std::uint64_t ticks) const noexcept {
        constexpr double longest = 9e18;
        return std::llround(std::min(static_cast<double>(ticks) / rate_, longest));
    }
    [[nodiscard]] std::uint64_t ticks(nanoseconds length) const noexcept {
        return static_cast<std::uint64_t>(
            std::llround(std::clamp(static_cast<double>(length) * rate_, 0.0, 9e18)));
    }
    /// Since the recording began.
    [[nodiscard]] nanoseconds time(std::uint64_t tick) const noexcept {
        return tick >= begin_.ticks ? length(tick - begin_.ticks) : -length(begin_.ticks - tick);
    }

private:
    trace::clock_reading begin_;
    double rate_ = 1;
};

} // namespace twill::profile
