// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "twill/load.hpp"

#include <optional>

namespace twill::load_model {

/// The energy counters of the machine begin to count for this program: once, before energy_now(),
/// when the default runtime starts. `folder`: for tests.
void begin_energy(const char* folder = "/sys/class/powercap") noexcept;

struct energy_now_result {
    std::optional<energy_count> count;
    const char* absent; ///< why, if it is
};
/// What all packages have used since begin_energy(). Reads only what could be read at first.
energy_now_result energy_now() noexcept;

/// Sets the joules of a window from the readings at its ends, or why there are none.
void set_joules(load_window& window, const std::optional<energy_count>& after,
                const std::optional<energy_count>& before) noexcept;

/// Reads the counters if that was long ago, before they can come round to where they were. To be
/// called now and then; cheap.
void refresh_energy() noexcept;

} // namespace twill::load_model
