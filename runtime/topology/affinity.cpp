// SPDX-License-Identifier: Apache-2.0
#include "topology/affinity.hpp"

#include "os/kept_errno.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <new>
#include <utility>

namespace twill::topology {

namespace {

/// A set of the CPUs below a number; none at first.
class cpu_mask {
public:
    explicit cpu_mask(std::size_t cpus) : bytes_(CPU_ALLOC_SIZE(cpus)), set_(CPU_ALLOC(cpus)) {
        if (set_ == nullptr) {
            throw std::bad_alloc();
        }
        CPU_ZERO_S(bytes_, set_);
    }
    ~cpu_mask() { CPU_FREE(set_); }
    cpu_mask(const cpu_mask&) = delete;
    cpu_mask& operator=(const cpu_mask&) = delete;
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
    [[nodiscard]] cpu_set_t* set() const noexcept { return set_; }

private:
    std::size_t bytes_;
    cpu_set_t* set_;
};

/// What keep_to() has set for the calling thread, and what was there before; none if it has not.
struct kept_mask {
    std::vector<int> set;
    std::vector<int> before;
};
thread_local kept_mask own_mask;

} // namespace

int current_cpu() noexcept {
    const os::kept_errno kept;
    return sched_getcpu();
}

// The kernel refuses a mask shorter than its own and does not say how long that is.
std::vector<int> affinity_of(pid_t thread) {
    const os::kept_errno kept;
    for (std::size_t cpus = CPU_SETSIZE; cpus <= std::size_t{1} << 20; cpus *= 2) {
        const cpu_mask mask(cpus);
        if (sched_getaffinity(thread, mask.bytes(), mask.set()) == 0) {
            std::vector<int> found;
            for (std::size_t cpu = 0; cpu < cpus; ++cpu) {
                if (CPU_ISSET_S(cpu, mask.bytes(), mask.set())) {
                    found.push_back(static_cast<int>(cpu));
                }
            }
            return found;
        }
        if (errno != EINVAL) {
            break;
        }
    }
    return {};
}

bool affinity_is(pid_t thread, const std::vector<int>& cpus) noexcept {
    try {
        return affinity_of(thread) == cpus;
    } catch (const std::bad_alloc&) {
        return false;
    }
}

bool affinity_includes(pid_t thread, const std::vector<int>& cpus) noexcept {
    try {
        return std::ranges::includes(affinity_of(thread), cpus);
    } catch (const std::bad_alloc&) {
        return false;
    }
}

int set_affinity(std::span<const int> cpus) noexcept {
    const os::kept_errno kept;
    try {
        const cpu_mask mask(static_cast<std::size_t>(cpus.back()) + 1);
        for (const int cpu : cpus) {
            CPU_SET_S(static_cast<std::size_t>(cpu), mask.bytes(), mask.set());
        }
        return sched_setaffinity(0, mask.bytes(), mask.set()) == 0 ? 0 : errno;
    } catch (const std::bad_alloc&) {
        return ENOMEM;
    }
}

int keep_to(std::span<const int> cpus) noexcept {
    try {
        kept_mask next{{cpus.begin(), cpus.end()}, affinity_before_kept()};
        if (next.before.empty()) {
            next.before = affinity_of(0);
        }
        const int error = set_affinity(cpus);
        if (error == 0) {
            own_mask = std::move(next);
        }
        return error;
    } catch (const std::bad_alloc&) {
        return ENOMEM;
    }
}

int let_go() noexcept {
    const int error = own_mask.before.empty() ? 0 : set_affinity(own_mask.before);
    if (error == 0) {
        own_mask = {};
    }
    return error;
}

std::vector<int> affinity_before_kept() {
    return !own_mask.set.empty() && affinity_of(0) == own_mask.set ? own_mask.before
                                                                   : std::vector<int>();
}

namespace {

// All CPUs are those of the cpuset, now and when that has changed. Where they are more than there
// were, the thread had a mask of its own.
void put_back(const cpu_set_t& before) noexcept {
    cpu_set_t now;
    std::memset(&now, 0xff, sizeof now);
    if (sched_setaffinity(0, sizeof now, &now) != 0 ||
        sched_getaffinity(0, sizeof now, &now) != 0 || CPU_EQUAL(&now, &before) == 0) {
        sched_setaffinity(0, sizeof before, &before);
    }
}

} // namespace

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
            put_back(before_);
        }
    }
    version_.fetch_add(1, detail::seq_cst);
}

} // namespace twill::topology
