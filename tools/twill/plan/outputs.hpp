// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/input.hpp"

#include <string>

namespace twill::tool {

// The three forms in which a plan is shown.

/// For people: the figures, a bar for each core, who runs what.
std::string plan_as_text(const planned_input& input);
/// For programs. read_plan_file() reads it too.
std::string plan_as_json(const planned_input& input);
/// A Gantt chart, a row for each core.
std::string plan_as_svg(const planned_input& input);

} // namespace twill::tool
