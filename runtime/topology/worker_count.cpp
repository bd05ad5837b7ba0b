// SPDX-License-Identifier: Apache-2.0
#include "topology/worker_count.hpp"

#include "os/environment.hpp"
#include "os/kept_errno.hpp"
#include "topology/affinity.hpp"

#include <algorithm>
#include <cmath>
#include <new>
#include <unistd.h>
#include <utility>
#include <vector>

namespace twill::topology {

int affinity_count() noexcept {
    try {
        const std::vector<int> before = affinity_before_kept();
        const std::size_t cpus = before.empty() ? affinity_of(0).size() : before.size();
        return std::max(static_cast<int>(cpus), 1);
    } catch (const std::bad_alloc&) {
        return 1;
    }
}

int common_affinity_count(std::span<const pid_t> threads, std::vector<int>* which) noexcept {
    try {
        std::vector<int> first;
        for (const pid_t thread : threads) {
            std::vector<int> cpus = affinity_of(thread);
            if (first.empty()) {
                first = std::move(cpus);
            } else if (!cpus.empty() && cpus != first) {
                return max_workers;
            }
        }
        const auto count = static_cast<int>(first.size());
        if (which != nullptr) {
            *which = std::move(first);
        }
        return count;
    } catch (const std::bad_alloc&) {
        return 0;
    }
}

int usable_cores(int cpus, double quota) noexcept {
    int cores = std::clamp(cpus, 1, max_workers);
    if (quota > 0 && quota < cores) {
        cores = static_cast<int>(std::ceil(quota));
    }
    return cores;
}

int cpus_configured() noexcept {
    const os::kept_errno kept;
    const long cpus = sysconf(_SC_NPROCESSORS_CONF);
    return cpus > 0 ? static_cast<int>(cpus) : 1;
}

int core_count() noexcept { return usable_cores(affinity_count(), cpu_quota()); }

int default_worker_count(int cores, bool* asked_for) noexcept {
    return static_cast<int>(os::integer("TWILL_WORKERS", 1, max_workers, cores, asked_for));
}

} // namespace twill::topology
