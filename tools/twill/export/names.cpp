// SPDX-License-Identifier: Apache-2.0
#include "export/events.hpp"

#include <iterator>

namespace twill::tool {

const char* name_of(trace::event_type type) noexcept {
    static constexpr const char* names[] = {
        "none",         "time",       "second",      "fork",        "join_own",   "join_stolen",
        "sync",         "loop_begin", "block",       "loop_stolen", "loop_end",   "root_begin",
        "root_end",     "spawn",      "task_begin",  "task_end",    "wait_begin", "wait_end",
        "activity",     "take_place", "leave_place", "steal",       "leapfrog",   "blocked",
        "resumed",      "hand_over",  "park",        "wake",        "kind_begin", "kind_end",
        "region_begin", "region_end", "submitted",   "ended",       "delay"};
    static_assert(std::size(names) == trace::event_types);
    const auto number = static_cast<std::size_t>(type);
    return number < std::size(names) ? names[number] : "unknown";
}

} // namespace twill::tool
