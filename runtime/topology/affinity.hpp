// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "twill/detail/atomic.hpp"

#include <cstdint>
#include <sched.h>
#include <span>
#include <sys/types.h>
#include <vector>

namespace twill::topology {

/// The CPU that the calling thread is on, or -1 if the system does not say; some nanoseconds.
int current_cpu() noexcept;

/// The CPUs in a thread's affinity mask, ascending; empty if the thread is gone. 0 is the caller.
/// Throws std::bad_alloc.
std::vector<int> affinity_of(pid_t thread);

/// Are these, ascending, the CPUs of its mask? False also without memory.
bool affinity_is(pid_t thread, const std::vector<int>& cpus) noexcept;

/// Are these, ascending, among the CPUs of its mask? False also without memory.
bool affinity_includes(pid_t thread, const std::vector<int>& cpus) noexcept;

/// Makes them, ascending and not none, those of the calling thread. 0 or an errno value.
int set_affinity(std::span<const int> cpus) noexcept;

/// The same, in order to keep the thread near its place: what it had before is remembered, as its
/// own.
int keep_to(std::span<const int> cpus) noexcept;

/// After keep_to(): sets the mask that the calling thread had before.
int let_go() noexcept;

/// The CPUs that the calling thread had before keep_to(), ascending, if its mask is still as that
/// has left it; else none. What it makes (threads, runtimes) is not kept anywhere by that, though
/// the system hands masks on. Throws std::bad_alloc.
std::vector<int> affinity_before_kept();

/// A thread's affinity mask while one CPU is taken out of it for the time of a wake-up.
///
/// Where the kernel takes idle CPUs for busy ones (a guest of a hypervisor, whose halted CPUs count
/// as taken away from it), it wakes threads on the CPU of their waker: one of the two then waits
/// for the other, for up to milliseconds, while the next CPU does nothing.
class narrowed_mask {
public:
    /// By the waker of `thread`, which sleeps: takes `cpu` out of its mask. False, with nothing
    /// changed, if that is its only CPU or the system refuses. Two system calls.
    bool narrow(pid_t thread, int cpu) noexcept;

    /// By the thread itself, once awake: the mask as it was, unless somebody has changed it since.
    /// A thread that might run on all CPUs of its cpuset may run on those that this gets later too.
    /// Nothing to do if it was not narrowed. Three system calls, or four.
    void widen() noexcept;

    /// By the thread itself, awake: for the time of a call that changes the mask and restores it.
    class changes {
    public:
        explicit changes(narrowed_mask& of) noexcept : of_(of) {
            of_.version_.fetch_add(1, detail::seq_cst);
        }
        ~changes() { of_.version_.fetch_add(1, detail::seq_cst); }
        changes(const changes&) = delete;
        changes& operator=(const changes&) = delete;

    private:
        narrowed_mask& of_;
    };

    /// Changes whenever the mask does; odd while it is not the usual one. Whoever has read a
    /// thread's mask from outside and finds an odd number, or another one than before, knows
    /// nothing by it.
    [[nodiscard]] std::uint32_t version() const noexcept { return version_.load(detail::acquire); }

private:
    detail::atomic<std::uint32_t> version_{0};
    int cpu_ = 0;
    /// Of up to 1024 CPUs: where the kernel knows more, it refuses.
    cpu_set_t before_;
};

} // namespace twill::topology
