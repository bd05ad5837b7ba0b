// SPDX-License-Identifier: Apache-2.0
#include "topology/cpu_list.hpp"

#include <algorithm>
#include <charconv>

namespace twill::topology {
namespace {

std::optional<int> cpu_number(std::string_view text) {
    int value = 0;
    if (text.empty() || text.front() == '-') {
        return std::nullopt;
    }
    const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || stopped != text.data() + text.size() || value >= cpus_at_most) {
        return std::nullopt;
    }
    return value;
}

/// Adds a number or a range; false if it is neither, or too long.
bool add_range(std::string_view text, std::vector<int>& list, std::size_t at_most) {
    const std::size_t dash = text.find('-');
    const auto first = cpu_number(text.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : cpu_number(text.substr(dash + 1));
    if (!first || !last || *last < *first ||
        static_cast<std::size_t>(*last - *first) >= at_most - list.size()) {
        return false;
    }
    for (int cpu = *first; cpu <= *last; ++cpu) {
        list.push_back(cpu);
    }
    return true;
}

bool has_one_twice(std::vector<int> list) {
    std::ranges::sort(list);
    return std::ranges::adjacent_find(list) != list.end();
}

} // namespace

std::optional<std::vector<int>> cpu_list(std::string_view text, std::size_t at_most) {
    std::vector<int> list;
    for (;;) {
        const std::size_t comma = text.find(',');
        if (!add_range(text.substr(0, comma), list, at_most)) {
            return std::nullopt;
        }
        if (comma == std::string_view::npos) {
            break;
        }
        text.remove_prefix(comma + 1);
    }
    if (has_one_twice(list)) {
        return std::nullopt;
    }
    return list;
}

} // namespace twill::topology
