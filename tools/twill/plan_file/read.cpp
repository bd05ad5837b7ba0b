// SPDX-License-Identifier: Apache-2.0
#include "plan_file/error.hpp"
#include "plan_file/formats.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace twill::tool {

std::vector<file_task> read_plan_file(std::string_view bytes, const std::string& name) {
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (bytes.size() > most_bytes) {
        throw file_error(name, 1, fmt::format("is larger than {} MiB", most_bytes >> 20));
    }
    if (bytes.substr(0, byte_order_mark.size()) == byte_order_mark) {
        bytes.remove_prefix(byte_order_mark.size());
    }
    const std::size_t first = bytes.find_first_not_of(" \t\r\n");
    const bool json =
        first != std::string_view::npos && (bytes[first] == '[' || bytes[first] == '{');
    std::vector<file_task> tasks = json ? read_json(bytes, name) : read_csv(bytes, name);
    if (tasks.empty()) {
        throw file_error(name, 1, "has no tasks");
    }
    return tasks;
}

void add_task(std::vector<file_task>& tasks, file_task&& one, const std::string& name) {
    if (tasks.size() == most_tasks) {
        throw file_error(name, one.line, fmt::format("has more than {} tasks", most_tasks));
    }
    if (one.name.empty()) {
        one.name = std::to_string(tasks.size() + 1);
    }
    for (const std::string* text : {&one.name, &one.kind}) {
        if (text->size() > longest_name) {
            throw file_error(
                name, one.line,
                fmt::format("a name of {} bytes is longer than {}", text->size(), longest_name));
        }
    }
    tasks.push_back(std::move(one));
}

double checked_time(double time, const std::string& name, std::size_t line) {
    if (!(time >= 0 && time <= largest_time)) {
        throw file_error(name, line,
                         fmt::format("time: expected 0 to {}, found {}", largest_time, time));
    }
    return std::abs(time); // no negative zero
}

} // namespace twill::tool
