// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "export/events.hpp"
#include "output.hpp"
#include "profile/profile.hpp"

#include <cstdint>
#include <functional>

namespace twill::tool {

/// Where the events of an export come from: calls its argument for each.
using event_source = std::function<void(const std::function<void(const recorded_event&)>&)>;

// Each writes a whole file and returns how many beginnings and ends had no counterpart.
std::uint64_t export_perfetto(const profile::profile& of, const event_source& events,
                              output_file& to);
std::uint64_t export_chrome(const profile::profile& of, const event_source& events,
                            output_file& to);
std::uint64_t export_folded(const profile::profile& of, const event_source& events,
                            output_file& to);
std::uint64_t export_csv(const profile::profile& of, const event_source& events, output_file& to);

} // namespace twill::tool
