// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace twill::tool {

/// A task as its file has it.
struct file_task {
    std::string name;           ///< UTF-8; its number in the file, from 1 on, if that gives none
    std::optional<double> time; ///< 0 to largest_time
    std::string kind;           ///< UTF-8; may be empty
    int priority = 0;
    std::size_t line = 1; ///< where it stands
};

/// What a file may have at the most, so that reading stays below 512 MB.
inline constexpr std::size_t most_tasks = 1'000'000;
inline constexpr std::size_t most_bytes = std::size_t{32} << 20;
inline constexpr std::size_t longest_name = 1000; ///< bytes, of tasks and of kinds
inline constexpr double largest_time = 1e15;

/// Reads the bytes of a plan file: CSV, or JSON if the first character that is no blank is [ or {.
/// README.md in this folder describes both.
/// \param name  of the file, for messages.
/// \throws file_error, std::bad_alloc.
std::vector<file_task> read_plan_file(std::string_view bytes, const std::string& name);

} // namespace twill::tool
