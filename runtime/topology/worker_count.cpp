// SPDX-License-Identifier: Apache-2.0
#include "topology/worker_count.hpp"

#include "os/environment.hpp"
#include "os/kept_errno.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstddef>
#include <optional>
#include <sched.h>
#include <unistd.h>

namespace twill::topology {

namespace {

/// A copy of a thread's affinity mask; empty if the thread is gone or there is no memory.
class affinity_mask {
public:
    explicit affinity_mask(pid_t thread) noexcept {
        // The kernel refuses a mask shorter than its own and does not say how long that is.
        for (int cpus = CPU_SETSIZE; cpus <= 1 << 20; cpus *= 2) {
            bytes_ = CPU_ALLOC_SIZE(static_cast<std::size_t>(cpus));
            mask_ = CPU_ALLOC(static_cast<std::size_t>(cpus));
            if (mask_ == nullptr) {
                return;
            }
            CPU_ZERO_S(bytes_, mask_);
            if (sched_getaffinity(thread, bytes_, mask_) == 0) {
                return;
            }
            const int error = errno;
            CPU_FREE(mask_);
            mask_ = nullptr;
            if (error != EINVAL) {
                return;
            }
        }
    }
    ~affinity_mask() { CPU_FREE(mask_); }
    affinity_mask(const affinity_mask&) = delete;
    affinity_mask& operator=(const affinity_mask&) = delete;

    [[nodiscard]] bool known() const noexcept { return mask_ != nullptr; }
    [[nodiscard]] int count() const noexcept {
        return known() ? std::max(1, CPU_COUNT_S(bytes_, mask_)) : 1;
    }
    [[nodiscard]] bool operator==(const affinity_mask& other) const noexcept {
        return bytes_ == other.bytes_ && CPU_EQUAL_S(bytes_, mask_, other.mask_) != 0;
    }

private:
    cpu_set_t* mask_ = nullptr;
    std::size_t bytes_ = 0;
};

} // namespace

int affinity_count() noexcept {
    const os::kept_errno kept;
    const int found = affinity_mask(0).count();
    return found;
}

int common_affinity_count(std::span<const pid_t> threads) noexcept {
    const os::kept_errno kept;
    std::optional<affinity_mask> first;
    int found = 0;
    for (const pid_t thread : threads) {
        if (!first || !first->known()) {
            first.emplace(thread);
            found = first->known() ? first->count() : 0;
        } else if (const affinity_mask other(thread); other.known() && !(other == *first)) {
            found = max_workers;
            break;
        }
    }
    return found;
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
