// SPDX-License-Identifier: Apache-2.0
#include "topology/cpuset.hpp"

#include "os/kept_errno.hpp"
#include "topology/control_group.hpp"
#include "topology/cpu_list.hpp"

#include <algorithm>
#include <new>
#include <string>
#include <string_view>
#include <utility>

namespace twill::topology {
namespace {

/// The first line of a file, as the kernel writes it; none if it is no ascending list.
std::vector<int> listed(const std::string& file) {
    const std::string text = contents_of(file);
    std::string_view lines = text;
    auto cpus = cpu_list(split_off(lines, '\n'), cpus_at_most);
    return cpus && std::ranges::is_sorted(*cpus) ? *std::move(cpus) : std::vector<int>();
}

/// Of the own group, or the nearest ancestor that has the file: a group without it has what its
/// parent has.
std::vector<int> nearest(const std::vector<std::string>& groups, const char* file) {
    for (const std::string& one : groups) {
        if (std::vector<int> cpus = listed(one + file); !cpus.empty()) {
            return cpus;
        }
    }
    return {};
}

} // namespace

std::vector<int> cpuset_cpus(const char* root) noexcept {
    const os::kept_errno kept;
    try {
        const control_groups groups(root);
        std::vector<int> cpus = nearest(groups.version_two(), "/cpuset.cpus.effective");
        const std::vector<std::string> version_one = groups.version_one("cpuset");
        for (const char* file : {"/cpuset.effective_cpus", "/cpuset.cpus"}) {
            if (cpus.empty()) {
                cpus = nearest(version_one, file);
            }
        }
        return cpus;
    } catch (const std::bad_alloc&) {
        return {}; // as good as no cpuset
    }
}

} // namespace twill::topology
