// SPDX-License-Identifier: Apache-2.0
#include "topology/worker_count.hpp"

#include "os/kept_errno.hpp"

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <fcntl.h>
#include <optional>
#include <string>
#include <string_view>
#include <unistd.h>

namespace twill::topology {
namespace {

/// The whole of a small file; empty if it cannot be read.
std::string contents(const std::string& path) {
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

/// Takes what stands before the next `separator` off the front of `text`.
std::string_view next(std::string_view& text, char separator) {
    const std::size_t at = text.find(separator);
    const std::string_view part = text.substr(0, at);
    text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
    return part;
}

bool contains(std::string_view list, std::string_view word) {
    while (!list.empty()) {
        if (next(list, ',') == word) {
            return true;
        }
    }
    return false;
}

/// A whole number and nothing else: the kernel writes quotas and periods in microseconds.
std::optional<double> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return static_cast<double>(value);
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

enum class version { one, two };

/// The quota of one group in CPUs; nothing for "max", -1, or files that are missing or strange.
std::optional<double> quota_of(const std::string& directory, version kind) {
    std::optional<double> quota;
    std::optional<double> period;
    if (kind == version::two) {
        const std::string text = contents(directory + "/cpu.max");
        std::string_view rest = text;
        std::string_view line = next(rest, '\n');
        quota = number(next(line, ' '));
        period = number(next(line, ' '));
    } else {
        const std::string quota_text = contents(directory + "/cpu.cfs_quota_us");
        const std::string period_text = contents(directory + "/cpu.cfs_period_us");
        std::string_view quota_rest = quota_text;
        std::string_view period_rest = period_text;
        quota = number(next(quota_rest, '\n'));
        period = number(next(period_rest, '\n'));
    }
    if (!quota || !period || *quota <= 0 || *period <= 0) {
        return std::nullopt;
    }
    return *quota / *period;
}

void keep_smaller(double& smallest, std::optional<double> quota) {
    if (quota && (smallest == 0 || *quota < smallest)) {
        smallest = *quota;
    }
}

/// Where the process is in the hierarchy that holds the CPU quotas, as /proc/self/cgroup says.
std::optional<std::string> group_of(std::string_view groups, version kind) {
    while (!groups.empty()) {
        std::string_view line = next(groups, '\n');
        const std::string_view hierarchy = next(line, ':');
        const std::string_view controllers = next(line, ':');
        const bool matches = kind == version::two ? hierarchy == "0" && controllers.empty()
                                                  : contains(controllers, "cpu");
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
std::optional<mount> mount_in(std::string_view line, version kind) {
    const std::size_t dash = line.find(" - ");
    if (dash == std::string_view::npos) {
        return std::nullopt;
    }
    std::string_view tail = line.substr(dash + 3);
    const std::string_view type = next(tail, ' ');
    next(tail, ' '); // the source
    const bool matches =
        kind == version::two ? type == "cgroup2" : type == "cgroup" && contains(tail, "cpu");
    for (int field = 0; field < 3; ++field) {
        next(line, ' '); // mount, parent, device
    }
    mount found;
    found.root = unescaped(next(line, ' '));
    found.point = unescaped(next(line, ' '));
    if (!matches || !found.root.starts_with('/') || !found.point.starts_with('/')) {
        return std::nullopt;
    }
    return found;
}

bool goes_up(std::string_view group) {
    while (!group.empty()) {
        if (next(group, '/') == "..") {
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
                                         version kind) {
    std::optional<group_location> best;
    std::size_t best_root = std::string::npos;
    while (!mounts.empty()) {
        const auto seen = mount_in(next(mounts, '\n'), kind);
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

void walk(double& smallest, const std::string& prefix, version kind, std::string_view groups,
          std::string_view mounts) {
    const auto group = group_of(groups, kind);
    const auto at = group ? find_group(mounts, *group, kind) : std::nullopt;
    if (!at) {
        return;
    }
    const std::string top = prefix + at->top;
    std::string path = at->path;
    for (;;) {
        keep_smaller(smallest, quota_of(top + path, kind));
        const std::size_t slash = path.rfind('/');
        if (path.empty() || slash == std::string::npos) {
            return;
        }
        path.resize(slash);
    }
}

} // namespace

double cpu_quota(const char* root) noexcept {
    const os::kept_errno kept;
    double smallest = 0;
    try {
        const std::string prefix = root;
        const std::string groups = contents(prefix + "/proc/self/cgroup");
        const std::string mounts = contents(prefix + "/proc/self/mountinfo");
        walk(smallest, prefix, version::two, groups, mounts);
        walk(smallest, prefix, version::one, groups, mounts);
    } catch (...) {
        // No memory for a path: as good as no quota.
    }
    return smallest;
}

} // namespace twill::topology
