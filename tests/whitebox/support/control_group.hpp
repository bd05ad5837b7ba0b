// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace twill::testing_support {

/// Writes to a file that the kernel has: none is made here.
inline bool write_to_kernel(const std::string& path, const std::string& text) {
    std::fstream file(path, std::ios::in | std::ios::out);
    file << text << std::flush;
    return file.good();
}

/// A group of the machine's own hierarchy of control groups, one level below another one that has a
/// quota; it does not exist where the machine lets nobody make one.
class control_group {
public:
    explicit control_group(double quota) {
        const std::string name = "/twill-test-" + std::to_string(::getpid());
        for (const std::string hierarchy :
             {"/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup"}) {
            if (make(hierarchy + name) && set_quota(quota)) {
                return;
            }
            remove();
        }
    }
    ~control_group() { remove(); }
    control_group(const control_group&) = delete;
    control_group& operator=(const control_group&) = delete;

    /// Of the outer group, in CPUs.
    [[nodiscard]] bool set_quota(double cpus) const {
        const std::string microseconds = std::to_string(static_cast<long>(cpus * 100'000));
        return write(outer_ + "/cpu.max", microseconds + " 100000") ||
               (write(outer_ + "/cpu.cfs_period_us", "100000") &&
                write(outer_ + "/cpu.cfs_quota_us", microseconds));
    }

    /// Moves this process into the inner group.
    [[nodiscard]] bool enter() const {
        return !inner_.empty() && write(inner_ + "/cgroup.procs", std::to_string(::getpid()));
    }

private:
    static bool write(const std::string& path, const std::string& text) {
        return write_to_kernel(path, text);
    }
    bool make(const std::string& outer) {
        outer_ = outer;
        inner_ = outer + "/inner";
        return ::mkdir(outer_.c_str(), 0755) == 0 && ::mkdir(inner_.c_str(), 0755) == 0;
    }
    void remove() {
        ::rmdir(inner_.c_str());
        ::rmdir(outer_.c_str());
        outer_.clear();
        inner_.clear();
    }

    std::string outer_;
    std::string inner_;
};

/// A cpuset of the machine's own hierarchy; it does not exist where the machine lets nobody make
/// one.
class cpuset_group {
public:
    explicit cpuset_group(const std::vector<int>& cpus) {
        for (const std::string hierarchy : {"/sys/fs/cgroup/cpuset", "/sys/fs/cgroup"}) {
            path_ = hierarchy + "/twill-test-" + std::to_string(::getpid());
            if (::mkdir(path_.c_str(), 0755) == 0) {
                // Version 1 takes nobody in without memory; version 2 has that of its parent.
                std::string nodes;
                std::ifstream(hierarchy + "/cpuset.mems") >> nodes;
                static_cast<void>(write_to_kernel(path_ + "/cpuset.mems", nodes));
                if (set(cpus)) {
                    return;
                }
                ::rmdir(path_.c_str());
            }
        }
        path_.clear();
    }
    ~cpuset_group() { ::rmdir(path_.c_str()); }
    cpuset_group(const cpuset_group&) = delete;
    cpuset_group& operator=(const cpuset_group&) = delete;

    [[nodiscard]] bool set(const std::vector<int>& cpus) const {
        std::string list;
        for (const int cpu : cpus) {
            list += (list.empty() ? "" : ",") + std::to_string(cpu);
        }
        return write_to_kernel(path_ + "/cpuset.cpus", list);
    }
    /// Moves this process into it.
    [[nodiscard]] bool enter() const {
        return !path_.empty() &&
               write_to_kernel(path_ + "/cgroup.procs", std::to_string(::getpid()));
    }

private:
    std::string path_;
};

} // namespace twill::testing_support
