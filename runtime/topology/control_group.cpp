// SPDX-License-Identifier: Apache-2.0
#include "topology/control_group.hpp"

#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <optional>
#include <unistd.h>

namespace twill::topology {
namespace {

bool contains(std::string_view list, std::string_view word) {
    while (!list.empty()) {
        if (split_off(list, ',') == word) {
            return true;
        }
    }
    return false;
}

/// mountinfo writes blanks and backslashes in paths as octal escapes.
std::string unescaped(std::string_view path) {
    std::string plain;
    for (std::size_t at = 0; at < path.size(); ++at) {
        if (path[at] == '\\' && at + 3 < path.size()) {
            unsigned code = 0;
            const char* const digits = path.data() + at + 1;
            if (std::from_chars(digits, digits + 3, code, 8).ptr == digits + 3) {
                plain += static_cast<char>(code);
                at += 3;
                continue;
            }
        }
        plain += path[at];
    }
    return plain;
}

/// The controller of a hierarchy of version 1; empty is version 2, which has one for all.
using controller_name = std::string_view;

/// Where the process is in the hierarchy of that controller, as /proc/self/cgroup says.
std::optional<std::string> group_of(std::string_view groups, controller_name controller) {
    while (!groups.empty()) {
        std::string_view line = split_off(groups, '\n');
        const std::string_view hierarchy = split_off(line, ':');
        const std::string_view controllers = split_off(line, ':');
        const bool matches = controller.empty() ? hierarchy == "0" && controllers.empty()
                                                : contains(controllers, controller);
        if (matches) {
            return std::string(line);
        }
    }
    return std::nullopt;
}

struct mount {
    std::string root;  ///< which group of the hierarchy is seen
    std::string point; ///< where
};

/// The mount that a line of mountinfo tells of, if it shows the hierarchy.
std::optional<mount> mount_in(std::string_view line, controller_name controller) {
    const std::size_t dash = line.find(" - ");
    if (dash == std::string_view::npos) {
        return std::nullopt;
    }
    std::string_view tail = line.substr(dash + 3);
    const std::string_view type = split_off(tail, ' ');
    split_off(tail, ' '); // the source
    const bool matches =
        controller.empty() ? type == "cgroup2" : type == "cgroup" && contains(tail, controller);
    for (int field = 0; field < 3; ++field) {
        split_off(line, ' '); // mount, parent, device
    }
    mount found;
    found.root = unescaped(split_off(line, ' '));
    found.point = unescaped(split_off(line, ' '));
    if (!matches || !found.root.starts_with('/') || !found.point.starts_with('/')) {
        return std::nullopt;
    }
    return found;
}

bool goes_up(std::string_view group) {
    while (!group.empty()) {
        if (split_off(group, '/') == "..") {
            return true;
        }
    }
    return false;
}

/// The group's path below the mount; nothing if the mount does not show the group.
std::optional<std::string> below(const mount& seen, std::string_view group) {
    if (goes_up(group)) {
        return std::nullopt; // outside of what the process' namespace holds
    }
    if (seen.root != "/") {
        if (!group.starts_with(seen.root)) {
            return std::nullopt;
        }
        group.remove_prefix(seen.root.size());
        if (!group.empty() && group.front() != '/') {
            return std::nullopt;
        }
    }
    return std::string(group == "/" ? std::string_view{} : group);
}

/// Where the group of the process is to be found.
struct group_location {
    std::string top;
    std::string path;
};

/// Of several mounts the one that shows most of the group's ancestors. A container may be told a
/// path that lies outside of what it sees; then the first mount itself is all there is.
std::optional<group_location> find_group(std::string_view mounts, std::string_view group,
                                         controller_name controller) {
    std::optional<group_location> best;
    std::size_t best_root = std::string::npos;
    while (!mounts.empty()) {
        const auto seen = mount_in(split_off(mounts, '\n'), controller);
        if (!seen) {
            continue;
        }
        if (const auto path = below(*seen, group); path && seen->root.size() < best_root) {
            best = {seen->point, *path};
            best_root = seen->root.size();
        } else if (!best) {
            best = {seen->point, {}};
        }
    }
    return best;
}

/// Own group first.
std::vector<std::string> directories(const std::string& root, controller_name controller,
                                     std::string_view groups, std::string_view mounts) {
    std::vector<std::string> found;
    const auto group = group_of(groups, controller);
    const auto at = group ? find_group(mounts, *group, controller) : std::nullopt;
    if (!at) {
        return found;
    }
    const std::string top = root + at->top;
    std::string path = at->path;
    for (;;) {
        found.push_back(top + path);
        const std::size_t slash = path.rfind('/');
        if (path.empty() || slash == std::string::npos) {
            return found;
        }
        path.resize(slash);
    }
}

} // namespace

control_groups::control_groups(const char* root)
    : root_(root), groups_(contents_of(root_ + "/proc/self/cgroup")),
      mounts_(contents_of(root_ + "/proc/self/mountinfo")) {}

std::vector<std::string> control_groups::version_two() const {
    return directories(root_, {}, groups_, mounts_);
}

std::vector<std::string> control_groups::version_one(std::string_view controller) const {
    return directories(root_, controller, groups_, mounts_);
}

std::string contents_of(const std::string& path) {
    std::string text;
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return text;
    }
    char part[4096];
    for (;;) {
        const ssize_t length = ::read(file, part, sizeof part);
        if (length > 0) {
            text.append(part, static_cast<std::size_t>(length));
        } else if (length == 0 || errno != EINTR) {
            break;
        }
    }
    ::close(file);
    return text;
}

std::string_view split_off(std::string_view& text, char separator) {
    const std::size_t at = text.find(separator);
    const std::string_view part = text.substr(0, at);
    text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
    return part;
}

} // namespace twill::topology
