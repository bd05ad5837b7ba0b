// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "report/outputs.hpp"

#include <cstdint>
#include <optional>

namespace twill::tool {

/// The figures of the load model, from a profile: ratios, and times in nanoseconds.
struct bounds {
    double load = 0;         ///< S
    double makespan = 0;     ///< C
    double mean = 0;         ///< S/m
    double longest_task = 0; ///< max e_i, where a kind or a full record tells
    double lower = 0;        ///< L
    double quality = 0;      ///< W/L
    double load_balance = 0; ///< LB = S/(m C)
    double efficiency = 0;   ///< PE = S/(m W)
    double imbalance = 0;    ///< lambda = C/(S/m) - 1
    double utilisation = 0;  ///< (S + dispatch + search)/(m W)
    // Of tasks from queues, where the file has their counts.
    std::optional<std::uint64_t> tasks;
    std::optional<double> throughput; ///< tasks a second
    std::optional<double> error_rate; ///< what part of them an exception ended
    // From a full record only.
    std::optional<double> span;
    std::optional<double> parallelism;
    std::optional<double> brent;  ///< brent_bound() of work and span
    std::optional<double> graham; ///< graham_bound() of work and the longest strand
};

/// m is the number of workers that may work at the same time.
bounds bounds_of(const report_input& input);

} // namespace twill::tool
