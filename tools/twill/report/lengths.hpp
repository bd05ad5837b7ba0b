// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "profile/profile.hpp"

#include <cstdint>

namespace twill::tool {

/// All counts of a histogram.
std::uint64_t samples_of(const profile::histogram& of) noexcept;

/// The duration below which `part` of the samples lie, in [0, 1]: interpolated within its bucket,
/// and so wrong by less than the bucket is wide. 0 without samples, and never above `longest`.
profile::nanoseconds percentile(const profile::histogram& of, double part,
                                profile::nanoseconds longest) noexcept;

} // namespace twill::tool
