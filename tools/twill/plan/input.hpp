// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan_file/plan_file.hpp"

#include <twill/plan.hpp>

#include <string>
#include <vector>

namespace twill::tool {

/// A plan and what it is of, as the outputs need it.
struct planned_input {
    std::string strategy; ///< as on the command line
    std::vector<file_task> tasks;
    std::vector<std::string> kinds; ///< the names behind plan_task::kind; the first is ""
    std::vector<plan_task> facts;
    plan made;
};

/// A time for tasks of a kind that the file gives none for.
struct kind_time {
    std::string kind;
    double time;
};

/// `NAME=TIME`. Throws std::invalid_argument with the reason.
kind_time parse_kind_time(const std::string& text);

/// What a task of each kind took on average in the profile `path`, in seconds: of all runtimes.
/// Throws file_error, also if no task of any kind has ended in it.
std::vector<kind_time> mean_times(const std::string& path);

/// Reads the file, and fills in times by kind, of which the first of a name counts. Throws
/// file_error, std::runtime_error.
planned_input read_input(const std::string& path, const std::vector<kind_time>& times);

/// When each task begins, by task.
std::vector<double> begins_of(const planned_input& input);

} // namespace twill::tool
