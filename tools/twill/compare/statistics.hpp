// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

namespace twill::tool {

/// The middle one, or the mean of the two in the middle; 0 of nothing.
double median(std::vector<double> values);

struct interval {
    double low = 0;
    double high = 0;
};

/// How sure median(after)/median(before) is: the 95 % percentile interval of 2000 bootstrap
/// resamples of both sides (Efron 1979), with a fixed seed, so that the same input gives the same
/// interval. Absent with fewer than two values on a side, or where a median is 0.
std::optional<interval> bootstrap_ratio(const std::vector<double>& before,
                                        const std::vector<double>& after);

} // namespace twill::tool
