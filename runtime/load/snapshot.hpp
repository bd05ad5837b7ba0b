// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "load/region_load.hpp"
#include "load/source.hpp"
#include "twill/load.hpp"

namespace twill::load_model {

/// The load of one runtime up to now. Throws std::bad_alloc.
load_snapshot snapshot_of(const load_source& of, open_windows open = open_windows::left_out);

} // namespace twill::load_model
