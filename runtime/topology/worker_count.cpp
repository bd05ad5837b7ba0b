// SPDX-License-Identifier: Apache-2.0
#include "topology/worker_count.hpp"

#include "os/environment.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <sched.h>

namespace twill::topology {

int affinity_count() noexcept {
    const int saved = errno;
    // The kernel refuses a mask shorter than its own and does not say how long that is.
    int found = 1;
    for (int cpus = CPU_SETSIZE; cpus <= 1 << 20; cpus *= 2) {
        cpu_set_t* const mask = CPU_ALLOC(static_cast<std::size_t>(cpus));
        if (mask == nullptr) {
            break;
        }
        const std::size_t bytes = CPU_ALLOC_SIZE(static_cast<std::size_t>(cpus));
        CPU_ZERO_S(bytes, mask);
        const bool read = sched_getaffinity(0, bytes, mask) == 0;
        const int error = errno;
        if (read) {
            found = std::max(1, CPU_COUNT_S(bytes, mask));
        }
        CPU_FREE(mask);
        if (read || error != EINVAL) {
            break;
        }
    }
    errno = saved;
    return found;
}

int usable_cores(int cpus, double quota) noexcept {
    int cores = std::clamp(cpus, 1, max_workers);
    if (quota > 0 && quota < cores) {
        cores = static_cast<int>(std::ceil(quota));
    }
    return cores;
}

int core_count() noexcept { return usable_cores(affinity_count(), cpu_quota()); }

int default_worker_count() noexcept {
    return static_cast<int>(os::integer("TWILL_WORKERS", 1, max_workers, core_count()));
}

} // namespace twill::topology
