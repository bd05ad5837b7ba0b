// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

// NOLINTNEXTLINE(readability-identifier-naming): the names are of CLI11
namespace CLI {
class App; // NOLINT(readability-identifier-naming)
} // namespace CLI

namespace twill::tool {

/// Exit codes. 1 is for what a command was asked to judge.
inline constexpr int done = 0;
inline constexpr int judged_bad = 1;
inline constexpr int wrong_input = 2; ///< wrong usage too

/// What the command line asks for, once it is parsed. Returns the exit code; what it throws is
/// printed as one line, and then the exit code is wrong_input.
using chosen_command = std::function<int()>;

// One for each subcommand, each in a file or folder of its name: adds the subcommand with its
// options to the program, and sets `chosen` if it is the one.
void add_plan(CLI::App& program, chosen_command& chosen);
void add_record(CLI::App& program, chosen_command& chosen, std::vector<std::string> after_dashes);
void add_report(CLI::App& program, chosen_command& chosen);
void add_compare(CLI::App& program, chosen_command& chosen);
void add_export(CLI::App& program, chosen_command& chosen);
void add_topology(CLI::App& program, chosen_command& chosen);

} // namespace twill::tool
