// SPDX-License-Identifier: Apache-2.0
#include "os/kept_errno.hpp"
#include "topology/control_group.hpp"
#include "topology/worker_count.hpp"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace twill::topology {
namespace {

/// A whole number and nothing else: the kernel writes quotas and periods in microseconds.
std::optional<double> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return static_cast<double>(value);
}

/// What both files say together, in CPUs; nothing for "max", -1, or what is missing or strange.
std::optional<double> quotient(std::optional<double> quota, std::optional<double> period) {
    if (!quota || !period || *quota <= 0 || *period <= 0) {
        return std::nullopt;
    }
    return *quota / *period;
}

/// The quota of one group of version 2.
std::optional<double> in_one_file(const std::string& group) {
    const std::string text = contents_of(group + "/cpu.max");
    std::string_view rest = text;
    std::string_view line = split_off(rest, '\n');
    const auto quota = number(split_off(line, ' '));
    return quotient(quota, number(split_off(line, ' ')));
}

/// The quota of one group of version 1.
std::optional<double> in_two_files(const std::string& group) {
    const std::string quota = contents_of(group + "/cpu.cfs_quota_us");
    const std::string period = contents_of(group + "/cpu.cfs_period_us");
    std::string_view quota_lines = quota;
    std::string_view period_lines = period;
    return quotient(number(split_off(quota_lines, '\n')), number(split_off(period_lines, '\n')));
}

void keep_smaller(double& smallest, std::optional<double> quota) {
    if (quota && (smallest == 0 || *quota < smallest)) {
        smallest = *quota;
    }
}

} // namespace

double cpu_quota(const char* root) noexcept {
    const os::kept_errno kept;
    double smallest = 0;
    try {
        const control_groups groups(root);
        for (const std::string& one : groups.version_two()) {
            keep_smaller(smallest, in_one_file(one));
        }
        for (const std::string& one : groups.version_one("cpu")) {
            keep_smaller(smallest, in_two_files(one));
        }
    } catch (...) {
        // No memory for a path: as good as no quota.
    }
    return smallest;
}

} // namespace twill::topology
