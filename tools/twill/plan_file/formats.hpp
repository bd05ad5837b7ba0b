// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan_file/plan_file.hpp"

namespace twill::tool {

// The two readers behind read_plan_file(). They throw file_error.
std::vector<file_task> read_csv(std::string_view bytes, const std::string& name);
std::vector<file_task> read_json(std::string_view bytes, const std::string& name);

/// Adds a task, without a name by its number. Throws file_error where a task is one too many, or
/// its name or kind too long.
void add_task(std::vector<file_task>& tasks, file_task&& one, const std::string& name);

/// The time, if it is one. Throws file_error.
double checked_time(double time, const std::string& name, std::size_t line);

} // namespace twill::tool
