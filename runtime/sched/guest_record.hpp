// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sched/scheduler.hpp"

namespace twill::sched {

/// What a program ends with where there is no memory for a record.
inline constexpr const char* no_memory_to_enter = "no memory for a thread that enters the runtime";

/// A record that the calling thread, from outside, may use in a runtime: one that it has from an
/// earlier entry, or another one. Its own until guest_left().
thread_record& guest_record(scheduler& of) noexcept;

/// The record of the default runtime that the calling thread, outside of it, keeps for its entries;
/// null if it has none and there is no memory for one, or if the thread ends. It stays the
/// thread's.
thread_record* kept_guest_record(scheduler& of_default) noexcept;

/// The guest has left. The thread keeps the record for its next entry, until it ends.
void guest_left(thread_record& record) noexcept;

/// Before a runtime ends: no thread keeps a record of it.
void forget_guests_of(scheduler& of) noexcept;

/// In the child of fork(): what the records of the parent say is void.
void forget_guest_records_after_fork() noexcept;

} // namespace twill::sched
