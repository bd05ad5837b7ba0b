// SPDX-License-Identifier: Apache-2.0
#include "export/events.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

namespace twill::tool {

std::string name_of_track(const profile::profile& of, std::uint32_t track) {
    const std::uint32_t runtime = track >> trace::thread_bits;
    const std::uint32_t thread = track & trace::largest_thread;
    if (runtime == 0) {
        return fmt::format("twill {}", thread);
    }
    const auto found = std::find_if(of.runtimes.begin(), of.runtimes.end(),
                                    [runtime](const auto& one) { return one.number == runtime; });
    return fmt::format("{} {} of runtime {}", found != of.runtimes.end() ? found->name : "twill",
                       thread, runtime);
}

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
