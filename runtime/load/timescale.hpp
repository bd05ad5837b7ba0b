// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "os/clock.hpp"
#include "twill/load.hpp"

#include <cmath>
#include <cstdint>

namespace twill::load_model {

/// Turns the ticks since one anchor into nanoseconds: exact at another, later one, so that the
/// difference of two snapshots is exact however long ago the runtime started.
class timescale {
public:
    timescale(os::clock_anchor from, os::clock_anchor to) noexcept
        : nanoseconds_per_tick_(to.ticks > from.ticks
                                    ? static_cast<double>(to.nanoseconds - from.nanoseconds) /
                                          static_cast<double>(to.ticks - from.ticks)
                                    : 0) {}

    [[nodiscard]] worker_load::duration of(std::uint64_t ticks) const noexcept {
        return worker_load::duration(
            std::llround(static_cast<double>(ticks) * nanoseconds_per_tick_));
    }
    [[nodiscard]] double nanoseconds_per_tick() const noexcept { return nanoseconds_per_tick_; }

private:
    double nanoseconds_per_tick_;
};

} // namespace twill::load_model
