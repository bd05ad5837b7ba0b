// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "load/account.hpp"
#include "os/clock.hpp"

#include <cstddef>
#include <cstdint>

namespace twill::load_model {

/// The activities that a thread on a place can be in.
inline constexpr activity on_place[] = {activity::search, activity::dispatch, activity::useful};

constexpr std::size_t index(activity of) noexcept { return static_cast<std::size_t>(of); }

/// 0 if `to` is the earlier one: the clocks of two cores may differ a little.
constexpr std::uint64_t ticks_between(std::uint64_t from, std::uint64_t to) noexcept {
    return to > from ? to - from : 0;
}

/// For lengths that are held against the kernel's; a snapshot has a scale of its own.
inline std::int64_t nanoseconds(std::uint64_t ticks) noexcept {
    return static_cast<std::int64_t>(os::nanoseconds_from_ticks(ticks));
}

inline std::uint64_t ticks_of(std::int64_t nanoseconds) noexcept {
    return os::ticks_from_microseconds(static_cast<double>(nanoseconds) * 1e-3);
}

} // namespace twill::load_model
