// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <sys/types.h>
#include <vector>

namespace twill::topology {

/// The largest number of workers a runtime may have.
inline constexpr int max_workers = 4096;

/// The cores this program may use: min(CPUs in the calling thread's affinity mask, ceil(smallest
/// CPU quota of its cgroup and all ancestors, v1 and v2)), in [1, max_workers].
int core_count() noexcept;

/// The workers of the default runtime: TWILL_WORKERS (1 to max_workers), else `cores`, which is
/// core_count(): some 300 us of small files, so whoever needs both numbers reads it once.
/// `asked_for`, if not null, is told whether the number is that of the variable.
int default_worker_count(int cores, bool* asked_for = nullptr) noexcept;

/// The CPUs that the system has, those that are switched off included: their numbers are below it.
int cpus_configured() noexcept;

/// The CPUs in the calling thread's affinity mask, or of a runtime's thread that is kept near its
/// place in the one before, at least 1; works with more than 1024 CPUs.
int affinity_count() noexcept;

/// The CPUs in the affinity mask that all of `threads` (the kernel's numbers) have. Threads that
/// are gone are left out; 0 if none is left, or without memory. max_workers if their masks differ:
/// then somebody has placed each of them, and no mask says how many may run. `which`, if not null,
/// is told the CPUs, ascending; none where it is no mask's number.
int common_affinity_count(std::span<const pid_t> threads,
                          std::vector<int>* which = nullptr) noexcept;

/// The smallest CPU quota, in CPUs, of the calling process' cgroups and all their ancestors; 0 if
/// there is none. `root` is put before every path that is read (`/proc/self/cgroup`,
/// `/proc/self/mountinfo` and the mount points they name): "" is the machine itself, tests name a
/// tree of their own.
double cpu_quota(const char* root = "") noexcept;

/// min(cpus, ceil(quota)), at least 1; a quota of 0 or below is none.
int usable_cores(int cpus, double quota) noexcept;

} // namespace twill::topology
