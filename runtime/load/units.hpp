// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// Lengths of time as numbers, and parts of them.

#include "twill/load.hpp"

#include <algorithm>

namespace twill::load_model {

constexpr double number(load_window::duration time) noexcept {
    return static_cast<double>(time.count());
}

constexpr double seconds(load_window::duration time) noexcept { return number(time) * 1e-9; }

/// Of `whole`; 0 if that is 0.
constexpr double percent(load_window::duration part, load_window::duration whole) noexcept {
    return whole > load_window::duration::zero() ? 100 * seconds(part) / seconds(whole) : 0;
}

constexpr load_window::duration not_below_zero(load_window::duration time) noexcept {
    return std::max(time, load_window::duration::zero());
}

} // namespace twill::load_model
