// SPDX-License-Identifier: Apache-2.0
#include "topology/affinity.hpp"

#include "os/kept_errno.hpp"

namespace twill::topology {

int current_cpu() noexcept {
    const os::kept_errno kept;
    return sched_getcpu();
}

// The version is odd before the kernel has the narrow mask, and even after it has the old one: a
// mask that was read in between is between two readings of the version that differ or are odd. The
// kernel's lock around a mask orders the system calls of all.
bool narrowed_mask::narrow(pid_t thread, int cpu) noexcept {
    const os::kept_errno kept;
    if (cpu < 0 || cpu >= CPU_SETSIZE || thread <= 0 ||
        sched_getaffinity(thread, sizeof before_, &before_) != 0 ||
        CPU_ISSET(static_cast<unsigned>(cpu), &before_) == 0 || CPU_COUNT(&before_) < 2) {
        return false;
    }
    cpu_ = cpu;
    cpu_set_t without = before_;
    CPU_CLR(static_cast<unsigned>(cpu), &without);
    // The sleeper reads it after its wake-up, which releases it.
    version_.fetch_add(1, detail::seq_cst);
    if (sched_setaffinity(thread, sizeof without, &without) != 0) {
        version_.fetch_add(1, detail::seq_cst);
        return false;
    }
    return true;
}

void narrowed_mask::widen() noexcept {
    if (version_.load(detail::relaxed) % 2 == 0) {
        return;
    }
    const os::kept_errno kept;
    cpu_set_t now;
    if (sched_getaffinity(0, sizeof now, &now) == 0) {
        CPU_SET(static_cast<unsigned>(cpu_), &now);
        if (CPU_EQUAL(&now, &before_) != 0) {
            sched_setaffinity(0, sizeof before_, &before_);
        }
    }
    version_.fetch_add(1, detail::seq_cst);
}

} // namespace twill::topology
