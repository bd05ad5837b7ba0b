// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "os/thread_state.hpp"
#include "sched/scheduler.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace twill::sched {

/// A thread as the watchdog sees it: one that waits, is in a section, or is in a task.
struct seen_thread {
    /// Null: a thread outside that has none.
    thread_record* record = nullptr;
    /// The kernel's number.
    int thread = 0;
    /// waits_for::nothing: it is in a task.
    wait_note::view wait;
    os::thread_state state;

    [[nodiscard]] bool in_task() const noexcept { return wait.what == waits_for::nothing; }
    [[nodiscard]] bool in_section() const noexcept { return wait.what == waits_for::section; }
    [[nodiscard]] bool waits() const noexcept { return !in_task() && !in_section(); }
};

/// A runtime at one instant, or near it.
struct look {
    scheduler* of = nullptr;
    std::vector<seen_thread> threads;
    /// Change whenever something begins or ends that the runtime, or the kernel, knows of.
    std::uint64_t words = 0;
    std::uint64_t kernel = 0;
    bool stands = false;
};

/// Reads the words of a runtime. `outside` is the list of threads that wait and have no record.
look look_at(scheduler& of, const outside_wait* outside);

/// Asks the kernel about the threads of a look.
void read_kernel(look& at) noexcept;

/// Which of the runtimes stand still: `stands` of those where nothing has changed is true before.
void judge(std::vector<look>& all) noexcept;

/// In which other line, if any, the same thread stands by what it does further in: in a section it
/// may have entered a runtime. `in` is the look that it belongs to.
struct further_in {
    const look* in = nullptr;
    const seen_thread* at = nullptr;
};
further_in find_further_in(const std::vector<look>& all, const seen_thread& outer) noexcept;

/// Appends the lines about a runtime that has stood still for so long. `all`: every runtime.
void report(const look& one, const std::vector<look>& all, std::uint64_t seconds,
            std::vector<std::string>& lines);

} // namespace twill::sched
