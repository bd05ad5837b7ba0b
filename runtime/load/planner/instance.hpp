// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "twill/plan.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace twill::planner {

/// The time of a task, or of several, in the instance's unit. At most 2^50 in all, so that sums
/// over 4096 cores fit, and so that every one is also exact as a double.
using size = std::int64_t;

inline constexpr int most_cores = 4096;

/// n tasks and m cores in whole numbers: what the strategies compute with. Makespans are in the
/// same unit, divided by speeds; on cores of one speed that speed is 1 here, so that makespans are
/// whole numbers too.
struct instance {
    std::vector<size> sizes;    ///< by task
    std::vector<double> speeds; ///< by core
    std::vector<double> steps;  ///< the different speeds, falling
    double all_speeds = 0;      ///< their sum over the cores
    size total = 0;
    size longest = 0;
    /// All tasks, the longest first; of equal ones that of the higher priority, then the earlier.
    std::vector<std::uint32_t> falling;
    /// All cores, the slowest first; of equal ones the first.
    std::vector<std::uint32_t> slowest_first;

    [[nodiscard]] std::size_t cores() const noexcept { return speeds.size(); }
    [[nodiscard]] bool one_speed() const noexcept { return steps.size() == 1; }

    /// A makespan of the instance as the user's time.
    [[nodiscard]] double time(double makespan) const noexcept {
        return makespan * scale / divisor / common_speed;
    }

    double scale = 1;   ///< a power of two
    double divisor = 1; ///< a power of ten
    double common_speed = 1;
};

/// Throws std::invalid_argument for what make_plan() does not take.
instance make_instance(const std::vector<plan_task>& tasks, int cores,
                       const std::vector<double>& speeds);

/// The largest sum of sizes that a core of this speed ends within `makespan`, at most `most`.
size capacity(double makespan, double speed, size most) noexcept;

/// The smallest makespan, of all that a sum of sizes can lead to, that is at least `makespan`.
double at_least(const instance& given, double makespan) noexcept;
/// The same, but above `makespan`.
double above(const instance& given, double makespan) noexcept;
/// Where a binary search over makespans looks next: in [low, high), about the middle.
double between(const instance& given, double low, double high) noexcept;

/// Who runs what.
struct assignment {
    explicit assignment(const instance& given)
        : core_of(given.sizes.size()), loads(given.cores()) {}

    void give(const instance& given, std::size_t task, std::size_t core) noexcept {
        core_of[task] = static_cast<std::uint32_t>(core);
        loads[core] += given.sizes[task];
    }

    [[nodiscard]] double makespan(const instance& given) const noexcept {
        double most = 0;
        for (std::size_t j = 0; j < loads.size(); ++j) {
            const double load = static_cast<double>(loads[j]) / given.speeds[j];
            most = most < load ? load : most;
        }
        return most;
    }

    std::vector<std::uint32_t> core_of; ///< by task
    std::vector<size> loads;            ///< by core
};

} // namespace twill::planner
