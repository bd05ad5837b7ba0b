// SPDX-License-Identifier: Apache-2.0
#include "topology/cpuset.hpp"

#include "os/kept_errno.hpp"
#include "topology/control_group.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

namespace twill::topology {
namespace {

/// More than any kernel has, so that a strange file costs no memory.
constexpr int cpus_at_most = 1 << 20;

std::optional<int> number(std::string_view text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < 0 ||
        value >= cpus_at_most) {
        return std::nullopt;
    }
    return value;
}

/// Of a list as the kernel writes them, such as "0-3,8"; none if it is not one.
std::vector<int> listed(std::string_view list) {
    std::vector<int> cpus;
    std::string_view line = split_off(list, '\n');
    while (!line.empty()) {
        std::string_view range = split_off(line, ',');
        const bool single = range.find('-') == std::string_view::npos;
        const auto first = number(split_off(range, '-'));
        const auto last = single ? first : number(range);
        if (!first || !last || *last < *first || (!cpus.empty() && *first <= cpus.back())) {
            return {};
        }
        for (int cpu = *first; cpu <= *last; ++cpu) {
            cpus.push_back(cpu);
        }
    }
    return cpus;
}

/// Of the own group, or the nearest ancestor that has the file: a group without it has what its
/// parent has.
std::vector<int> nearest(const std::vector<std::string>& groups, const char* file) {
    for (const std::string& one : groups) {
        if (std::vector<int> cpus = listed(contents_of(one + file)); !cpus.empty()) {
            return cpus;
        }
    }
    return {};
}

} // namespace

std::vector<int> cpuset_cpus(const char* root) {
    const os::kept_errno kept;
    const control_groups groups(root);
    std::vector<int> cpus = nearest(groups.version_two(), "/cpuset.cpus.effective");
    const std::vector<std::string> version_one = groups.version_one("cpuset");
    for (const char* file : {"/cpuset.effective_cpus", "/cpuset.cpus"}) {
        if (cpus.empty()) {
            cpus = nearest(version_one, file);
        }
    }
    return cpus;
}

} // namespace twill::topology
