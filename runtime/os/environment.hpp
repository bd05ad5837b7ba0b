// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace twill::os {

/// The value of an environment variable, or null; null for every variable in a program that runs
/// with more rights than its caller (setuid and the like).
const char* read(const char* name) noexcept;

/// An integer from `low` to `high`. Unset or empty gives `fallback`; anything else gives
/// `fallback` and, once per variable, a line on stderr that names the variable, the range and the
/// value. `taken`, if not null, is told whether the variable's value is the one that is returned.
long integer(const char* name, long low, long high, long fallback, bool* taken = nullptr) noexcept;

/// 0 or 1. Unset or empty is 0; anything else is 0 with a line on stderr, once.
bool flag(const char* name) noexcept;

/// A number of bytes, plain or with the suffix K, M or G (powers of 1024), from `low` to `high`.
/// Errors as integer().
std::size_t size(const char* name, std::size_t low, std::size_t high,
                 std::size_t fallback) noexcept;

} // namespace twill::os
