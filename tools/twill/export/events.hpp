// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "profile/read.hpp"

namespace twill::tool {

/// One event of a full record, as the reader gives it.
using recorded_event = profile::event;

/// Its name in CSV: `root_begin`.
const char* name_of(trace::event_type type) noexcept;

} // namespace twill::tool
