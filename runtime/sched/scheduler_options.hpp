// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "topology/pinning.hpp"
#include "topology/victims.hpp"
#include "topology/workers.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace twill::sched {

/// What a scheduler is made with.
struct scheduler_options {
    /// The number of places.
    int workers = 1;
    /// How many of them may be held at the same time, to begin with: no more threads are awake than
    /// cores.
    int awake = 1;
    /// Reads again, while the runtime works, what the machine allows: the affinity mask of the
    /// runtime's threads, and the CPU quota, of the files below `machine_root`. At least
    /// `awake_at_least` places may be held, whatever that says.
    bool follows_machine = false;
    int awake_at_least = 1;
    const char* machine_root = "";
    /// At first, and after one thread was found on its waker's CPU, so many are kept off theirs,
    /// before one is left to the kernel.
    std::uint32_t wakes_steered = 256;
    /// Finds out, while the runtime works, where its places are; see learn.cpp.
    bool learns_places = false;
    /// Where they are, if that is known from the beginning.
    std::shared_ptr<const topology::worker_table> described;
    topology::victim_rule steal = topology::victim_rule::level;
    topology::pin_rule pin = topology::pin_rule::automatic;
    std::size_t stack_size = std::size_t{8} << 20;
    /// Spinning threads offer their time slice to others: more threads than cores may be awake.
    bool yields = false;
    /// As many threads may be in blocking sections with their places given up.
    std::uint32_t blocked_max = 2048;
    /// Called on each thread of the runtime, with `context`, before its first and after its last
    /// task; null: nothing is.
    void (*thread_starts)(void* context) noexcept = nullptr;
    void (*thread_stops)(void* context) noexcept = nullptr;
    void* context = nullptr;
    /// The numbers of the CPUs that the threads run on; none: those of the thread that starts them,
    /// as they were before that was kept to a group of cores.
    std::vector<int> cores;
    /// Thread j is called name-j.
    char name[16] = "twill";
    /// shut_down() waits for the operating system's threads too. Without it they are detached.
    bool joins = true;
};

} // namespace twill::sched
