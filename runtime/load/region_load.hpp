// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "twill/load.hpp"

#include <cstdint>
#include <vector>

namespace twill::load_model {

/// Of the windows that are open: nothing counts, or their time up to now, or they too are counted.
enum class open_windows : std::uint8_t { left_out, timed, counted };

/// All regions up to now. `delay_known`: the kernel tells the run delay. Throws std::bad_alloc.
std::vector<region_load> read_regions(bool delay_known, open_windows open);

/// What came between two readings. Throws std::bad_alloc.
std::vector<region_load> difference(const std::vector<region_load>& after,
                                    const std::vector<region_load>& before);

} // namespace twill::load_model
