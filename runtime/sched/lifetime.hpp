// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sched/scheduler.hpp"

namespace twill::sched {

/// The runtime that verbs use on a thread that works for none: started by its first use, never
/// destroyed. After fork() the child starts another one.
scheduler& default_scheduler();

/// The number of workers that the default runtime has or will have. Starts nothing.
int default_workers() noexcept;

} // namespace twill::sched
