// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace twill::sched {

/// Ends the program with a line that names what does not hold.
[[noreturn, gnu::cold, gnu::noinline]] void check_failed(const char* what, const char* file,
                                                         int line) noexcept;

/// Says that a task called fork() and that its child came back to the runtime, and ends the child.
[[noreturn, gnu::cold, gnu::noinline]] void end_of_forked_task() noexcept;

/// Ends the program with a line: a thread is about to run tasks, and there is no memory for what
/// that takes; a verb has no way to say so.
[[noreturn, gnu::cold, gnu::noinline]] void no_memory_to_enter() noexcept;

} // namespace twill::sched

/// An invariant of a protocol, checked in every build: the cold side can afford it.
#define TWILL_CHECK(condition)                                                                     \
    do {                                                                                           \
        if (__builtin_expect(!(condition), 0)) {                                                   \
            ::twill::sched::check_failed(#condition, __FILE__, __LINE__);                          \
        }                                                                                          \
    } while (false)
