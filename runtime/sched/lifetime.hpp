// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sched/scheduler.hpp"

namespace twill::sched {

/// The runtime that verbs use on a thread that works for none: started by its first use, never
/// destroyed. After fork() the child starts another one.
scheduler& default_scheduler();

/// The default runtime if it has been started, else null.
scheduler* running_default_scheduler() noexcept;

/// The runtime that verbs use on the calling thread, which is in no task: that of the task whose
/// blocking section it is in, else the default one.
scheduler& scheduler_for_verbs();

/// How many workers a runtime has, and where the number comes from.
struct worker_choice {
    int workers;
    /// By the program or its environment, not found out from the machine.
    bool asked_for;
};

/// What runtimes have in common: the options for so many workers on a machine of which the program
/// may use `cores`, topology::core_count().
scheduler_options options_for(worker_choice choice, int cores) noexcept;

/// On how many places workers may be: of a described machine, or those that are listed; else
/// `cores`, as above.
int usable_places(int cores) noexcept;

/// How often the process is the child of a fork() that ran the handlers.
std::uint32_t fork_generation() noexcept;

/// The number of workers that the default runtime has or will have. Starts nothing.
int default_workers() noexcept;

} // namespace twill::sched
