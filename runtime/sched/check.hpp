// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace twill::sched {

/// Ends the program with a line that names what does not hold.
[[noreturn, gnu::cold, gnu::noinline]] void check_failed(const char* what, const char* file,
                                                         int line) noexcept;

/// Ends the program with the line "twill: WHAT": the program has done what it must not, or the
/// system has not given what a verb needs, which has no way to say so.
[[noreturn, gnu::cold, gnu::noinline]] void end_program(const char* what) noexcept;

} // namespace twill::sched

/// An invariant of a protocol, checked in every build: the cold side can afford it.
#define TWILL_CHECK(condition)                                                                     \
    do {                                                                                           \
        if (__builtin_expect(!(condition), 0)) {                                                   \
            ::twill::sched::check_failed(#condition, __FILE__, __LINE__);                          \
        }                                                                                          \
    } while (false)
