// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sched/scheduler.hpp"

namespace twill::sched {

/// The record that the calling thread, from outside, uses in the default runtime: made at its first
/// entry and kept until it ends.
thread_record& guest_record();

/// The guest has left. Frees its record if the thread's own destructors have run already.
void guest_left(thread_record& record) noexcept;

/// In the child of fork(): what the records of the parent say is void.
void forget_guest_records_after_fork() noexcept;

} // namespace twill::sched
