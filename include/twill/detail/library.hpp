// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// Durations, iterator concepts and the access to ranges. In the library of GCC the headers that
/// the standard names for them bring calendars and streams along, which would be half of what a
/// first program has to compile; there the parts that hold them are named instead.

#include <vector>
#if defined(__GLIBCXX__) && __has_include(<bits/chrono.h>) && __has_include(<bits/ranges_base.h>)
#include <bits/chrono.h>
#include <bits/ranges_base.h>
#else
#include <chrono>
#include <iterator>
#include <ranges>
#endif
