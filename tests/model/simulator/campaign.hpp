// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "simulator/engine.hpp"
#include "simulator/scenario.hpp"

#include <cstdint>
#include <string>

namespace twill::model {

enum class search : std::uint8_t { random, priorities, depth_first };

struct campaign {
    search by = search::random;
    settings with;
    std::uint64_t seed = 1;
    /// Change points and one of the priorities.
    std::uint32_t depth = 3;
    std::uint64_t schedules = 100000;
    double seconds = 1e9;
    /// The states that a depth-first search remembers: 16 bytes each, and twice that in between.
    std::size_t states = std::size_t{1} << 23;
};

struct campaign_result {
    bool failed = false;
    /// The search came to its end: nothing within the bounds is left.
    bool exhausted = false;
    std::uint64_t schedules = 0;
    /// Schedules that were left where they met a known state.
    std::uint64_t left_early = 0;
    std::uint64_t states = 0;
    std::uint32_t longest = 0; // steps
    double seconds = 0;
    std::uint32_t failed_at = 0; // step
    std::string failure;
    /// Repeats the failing schedule.
    std::string replay;
    std::vector<std::string> trace;
};

campaign_result run(void (*scenario)(), const campaign& how);

/// Repeats one schedule, traced. False in `failed` if it does not fail now.
campaign_result run_again(void (*scenario)(), const campaign& how, const std::string& replay);

const char* name_of(memory_mode memory);
const char* name_of(search by);

} // namespace twill::model
