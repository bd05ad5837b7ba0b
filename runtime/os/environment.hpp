// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

namespace twill::os {

/// The value of an environment variable, or null; null for every variable in a program that runs
/// with more rights than its caller (setuid and the like).
const char* read(const char* name) noexcept;

/// A line on stderr about a value that is none of the allowed ones, once per variable:
/// `NAME: expected EXPECTED, got "VALUE"; using USED`, with what cannot be printed of the value as
/// question marks, and no more than its first 64 characters. `name` is a literal.
void complain(const char* name, const char* expected, const char* value, const char* used) noexcept;

/// An integer from `low` to `high`. Unset or empty gives `fallback`; anything else gives
/// `fallback` and, once per variable, a line on stderr that names the variable, the range and the
/// value. `taken`, if not null, is told whether the variable's value is the one that is returned.
long integer(const char* name, long low, long high, long fallback, bool* taken = nullptr) noexcept;

/// 0 or 1. Unset or empty is 0; anything else is 0 with a line on stderr, once.
bool flag(const char* name) noexcept;

/// One of some words, by its number. Unset or empty gives `fallback`, a number too; anything else
/// gives it with a line on stderr, once, that says what was `expected`.
int choice(const char* name, std::span<const char* const> values, const char* expected,
           int fallback) noexcept;

/// A number of bytes, plain or with the suffix K, M or G (powers of 1024), from `low` to `high`.
/// Errors as integer().
std::size_t size(const char* name, std::size_t low, std::size_t high,
                 std::size_t fallback) noexcept;

/// Once per variable, a line on stderr: what was expected, the value, and what is used instead.
void bad_value(const char* name, const char* expected, const char* value,
               const char* used) noexcept;

} // namespace twill::os
