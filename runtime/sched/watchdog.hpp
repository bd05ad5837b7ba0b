// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sched/scheduler.hpp"

/// TWILL_WATCHDOG=seconds: a thread that looks from time to time whether a runtime stands still,
/// and tells what its threads wait for. It ends nothing and wakes nobody. README.md of this folder
/// says in "The watchdog" what counts as a standstill.
namespace twill::sched::watchdog {

/// A scheduler has been made. The first one reads the variable and starts the thread.
void watch(scheduler& of) noexcept;

/// Before a scheduler is freed: returns when the watchdog no longer looks at it.
void forget(scheduler& of) noexcept;

/// In the child of fork(): there is no watchdog until its first scheduler is made.
void begin_afresh_in_child() noexcept;

} // namespace twill::sched::watchdog
