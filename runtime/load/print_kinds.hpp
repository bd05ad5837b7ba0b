// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "twill/load.hpp"

#include <string>

namespace twill::load_model {

/// A line for each kind and for each region, after one with the columns' names; nothing if there
/// are none. Both throw std::bad_alloc.
std::string table_of_kinds(const load_window& window);
std::string table_of_regions(const load_window& window);

} // namespace twill::load_model
