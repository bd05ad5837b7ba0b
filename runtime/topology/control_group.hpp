// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace twill::topology {

/// Where the files of the calling process' control groups are, at the time of the construction.
class control_groups {
public:
    /// `root` is put before every path that is read (`/proc/self/cgroup`, `/proc/self/mountinfo`
    /// and the mount points they name): "" is the machine itself, tests name a tree of their own.
    /// Throws std::bad_alloc.
    explicit control_groups(const char* root);

    /// The directories of its group of version 2 and of all ancestors that are to be seen, the own
    /// one first; none where there is no such hierarchy. Throws std::bad_alloc.
    [[nodiscard]] std::vector<std::string> version_two() const;
    /// The same in the hierarchy of version 1 that has that controller.
    [[nodiscard]] std::vector<std::string> version_one(std::string_view controller) const;

private:
    std::string root_;
    std::string groups_;
    std::string mounts_;
};

/// The whole of a small file; empty if it cannot be read. Throws std::bad_alloc.
std::string contents_of(const std::string& path);

/// Takes what stands before the next `separator` off the front of `text`.
std::string_view split_off(std::string_view& text, char separator);

} // namespace twill::topology
