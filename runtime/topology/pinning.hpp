// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "topology/affinity.hpp"
#include "topology/table.hpp"
#include "twill/detail/atomic.hpp"

#include <cstdint>
#include <mutex>
#include <span>
#include <sys/types.h>
#include <vector>

namespace twill::topology {

/// To what a thread of the runtime is kept while it holds a place.
enum class pin_rule {
    automatic, ///< its group of cores, where there are several and the program has the whole
               ///< machine
    nobody,    ///< nothing
    group,     ///< its group: the cores that share its L3 and NUMA node
    core,      ///< its core
};

/// The rule of TWILL_PIN (auto, none, group or core); a bad value is told once and is auto.
pin_rule pin_rule_from_environment() noexcept;

/// Keeps threads to the CPUs around the places that they hold: a thread whose place is in another
/// domain than its last one sets its mask once. Where the system refuses, or somebody else has
/// changed a mask, no mask is set any more.
class pinning {
public:
    /// A mask that was set, or, under a described machine, would have been.
    struct bind {
        std::uint32_t thread = 0; ///< the number of the runtime's thread
        int place = 0;
        std::vector<int> cpus; ///< ascending
    };

    /// Of `places`, a row for each, on a machine whose `usable` processors are those. `recorded`:
    /// masks are noted down and not set. Throws std::bad_alloc.
    pinning(std::span<const table_row> places, std::span<const table_row> usable, bool by_core,
            bool recorded);

    /// Threads are kept as long as there is no quota: nobody has asked for it.
    void follow_quota() noexcept { automatic_ = true; }
    /// The quota now, in CPUs; 0 is none. Under one follow() gives threads back the masks that they
    /// had before, and they are kept again once there is none. True if that has just changed.
    bool see_quota(double cpus) noexcept {
        const std::uint32_t now = automatic_ && cpus > 0 ? 1 : 0;
        return released_.exchange(now, detail::relaxed) != now;
    }

    /// By a thread that holds `place`; `pinned` is its domain, or -1, and is kept by it.
    /// Others may read it; the version of `mask`, the thread's own, changes with it. `name` begins
    /// the line about a refusal. A comparison, or three system calls.
    void follow(std::uint32_t thread, int place, detail::atomic<std::int32_t>& pinned,
                narrowed_mask& mask, const char* name) noexcept;

    /// How many CPUs the masks of pinned threads and the process' cpuset leave: all usable ones, or
    /// what is left of them after somebody else has taken some. 0: somebody has set masks of their
    /// own, or none is set. -1: not to be told just now, since a thread is being woken.
    /// `machine_root`: as of cpuset_cpus(). `which` is told the CPUs, ascending, if some have been
    /// taken.
    struct pinned_thread {
        pid_t thread;
        const narrowed_mask* mask;
        std::uint32_t version; ///< of the mask, read before the domain
        int domain;
    };
    [[nodiscard]] int cpus_left(std::span<const pinned_thread> threads, const char* machine_root,
                                std::vector<int>& which) noexcept;

    [[nodiscard]] bool in_force() const noexcept { return off_.load(detail::relaxed) == 0; }
    [[nodiscard]] int domain_of(int place) const noexcept {
        return domain_of_[static_cast<std::size_t>(place)];
    }
    [[nodiscard]] const std::vector<int>& cpus_of(int domain) const noexcept {
        return domains_[static_cast<std::size_t>(domain)];
    }
    /// What was noted down so far.
    [[nodiscard]] std::vector<bind> binds() const;

private:
    void note_other_mask(const std::vector<int>& now, const char* machine_root) noexcept;

    std::vector<int> domain_of_;            ///< by place
    std::vector<std::vector<int>> domains_; ///< CPUs, ascending
    std::vector<int> usable_;               ///< ascending
    bool recorded_;
    bool automatic_ = false;
    detail::atomic<std::uint32_t> off_{0};
    detail::atomic<std::uint32_t> released_{0};
    mutable std::mutex noting_;
    std::vector<bind> noted_;
};

} // namespace twill::topology
