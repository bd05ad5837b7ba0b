// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "profile/profile.hpp"

#include <string>

namespace twill::tool {

/// The energy of the processor packages, or why it is absent: one line.
std::string energy_line(const profile::profile& of);

/// Cycles, instructions and cache misses of each worker, or why they are absent.
std::string hardware_table(const profile::profile& of);

} // namespace twill::tool
