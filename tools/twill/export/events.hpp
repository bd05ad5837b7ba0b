// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "profile/read.hpp"
#include "trace/format.hpp"

#include <cstdint>
#include <string>

namespace twill::tool {

/// One event of a full record, as the reader gives it.
using recorded_event = profile::event;

/// One number for a thread of a runtime: that of the thread in the default one.
inline std::uint32_t track_of(const recorded_event& one) noexcept {
    return trace::thread_of(one.thread, one.runtime).track();
}
/// `twill 3`, or `pool 3 of runtime 1`.
std::string name_of_track(const profile::profile& of, std::uint32_t track);

/// Its name in CSV: `root_begin`.
const char* name_of(trace::event_type type) noexcept;

} // namespace twill::tool
