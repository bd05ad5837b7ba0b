// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace twill::sched {

/// What a thread sleeps for.
enum class waits_for : std::uint32_t {
    nothing,
    /// A join: a job that another thread runs.
    task,
    group,
    /// A group of which the thread itself runs a task.
    own_group,
    /// A guest with a ticket.
    place,
    submission,
    /// A blocking section: who knows what for.
    section,
    /// Of no record, and of a thread outside: the end of a runtime.
    end_of_runtime
};

} // namespace twill::sched
