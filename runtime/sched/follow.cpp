// SPDX-License-Identifier: Apache-2.0
#include "sched/scheduler.hpp"
#include "topology/worker_count.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <sys/types.h>

namespace twill::sched {

namespace {

/// Of so many threads of the runtime the masks are compared: enough to tell one mask for all from
/// threads that were placed one by one.
constexpr std::size_t threads_looked_at = 16;

} // namespace

// The mask is that of the runtime's own threads, so that a program may pin its main thread. They
// have it from the process, and whoever moves the process moves them (taskset -a, cpusets, a CPU
// that goes away).
int scheduler::machine_allows() noexcept {
    pid_t threads[threads_looked_at];
    std::size_t known = 0;
    const std::uint32_t count = table_.size();
    for (std::uint32_t id = 0; id < count && known < threads_looked_at; ++id) {
        thread_record& one = table_[id];
        if (const pid_t thread = one.guest ? 0 : one.account.kernel_thread(); thread != 0) {
            threads[known++] = thread;
        }
    }
    int cpus = topology::common_affinity_count(std::span(threads, known));
    if (cpus == 0) {
        cpus = topology::affinity_count();
    }
    const int cores = topology::usable_cores(cpus, topology::cpu_quota(options_.machine_root));
    return std::min(options_.workers, std::max(options_.awake_at_least, cores));
}

// Some 100 us, so one thread does it, where nobody waits for that thread.
void scheduler::look_at_machine(std::uint64_t now) noexcept {
    std::uint64_t due = look_due_.load(detail::relaxed);
    // Relaxed: the winner looks, and what it finds is handed on under a lock.
    if (now > due && look_due_.compare_exchange_strong(due, now + look_period_, detail::relaxed,
                                                       detail::relaxed)) {
        change_limit(0, machine_allows());
    }
}

} // namespace twill::sched
