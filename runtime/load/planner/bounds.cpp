// SPDX-License-Identifier: Apache-2.0
#include "load/planner/bounds.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace twill::planner {

namespace {

/// More than the rounding of a sum of 4096 speeds, relatively: what a bound of sums of doubles is
/// lowered by, so that it stays one.
constexpr double caution = 1e-12;

/// The most that pigeonholes prove: of k m + 1 tasks some core has k + 1.
size most_by_count(const instance& given) {
    const std::size_t cores = given.cores();
    std::vector<size> sums(given.falling.size() + 1);
    for (std::size_t k = 0; k < given.falling.size(); ++k) {
        sums[k + 1] = sums[k] + given.sizes[given.falling[k]];
    }
    size most = 0;
    for (std::size_t each = 1; each * cores + 1 <= given.falling.size(); ++each) {
        const std::size_t end = each * cores + 1;
        most = std::max(most, sums[end] - sums[end - each - 1]);
    }
    return most;
}

double for_one_speed(const instance& given, double bound) {
    const auto cores = static_cast<size>(given.cores());
    size low = std::max(static_cast<size>(bound), (given.total + cores - 1) / cores);
    // With twice the bound there is always room, since a list schedule ends by then.
    size high = std::min(2 * low, given.total);
    const groups tasks = groups_of(given);
    while (low < high) {
        const size middle = low + (high - low) / 2;
        if (bins_needed(tasks, middle, given.cores()) > given.cores()) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return static_cast<double>(low);
}

double for_speeds(const instance& given, double bound) {
    std::vector<double> fastest = given.speeds;
    std::sort(fastest.rbegin(), fastest.rend());
    size longest = 0;
    double speed = 0;
    for (std::size_t k = 0; k < std::min(fastest.size(), given.falling.size()); ++k) {
        longest += given.sizes[given.falling[k]];
        speed += fastest[k];
        // With k + 1 tasks at most k + 1 cores do something.
        bound = std::max(bound, static_cast<double>(longest) / speed * (1 - caution));
    }
    bound = std::max(bound, static_cast<double>(given.total) / given.all_speeds * (1 - caution));
    return at_least(given, bound);
}

} // namespace

double lower_bound(const instance& given) {
    const size alone = std::max(given.longest, most_by_count(given));
    const double bound = static_cast<double>(alone) / given.steps.front();
    return given.one_speed() ? for_one_speed(given, bound) : for_speeds(given, bound);
}

std::size_t bins_needed(const groups& tasks, size bin, std::size_t enough) noexcept {
    // Large ones are longer than half a bin: no two of them fit into one.
    std::size_t large_end = 0;
    std::size_t large = 0;
    for (; large_end < tasks.count() && 2 * tasks.sizes[large_end] > bin; ++large_end) {
        large += tasks.counts[large_end];
        if (large > enough) {
            return large;
        }
    }
    // For each size of the others as the threshold, falling: those that are at least as long go
    // into what is left by the large ones from `open` on, and into bins of their own.
    std::size_t open = large_end;
    size room = 0;
    size others = 0;
    std::size_t most = large;
    for (std::size_t k = large_end; k < tasks.count() && most <= enough; ++k) {
        others += tasks.sizes[k] * static_cast<size>(tasks.counts[k]);
        while (open > 0 && bin - tasks.sizes[open - 1] >= tasks.sizes[k]) {
            --open;
            room += (bin - tasks.sizes[open]) * static_cast<size>(tasks.counts[open]);
        }
        if (others > room) {
            most =
                std::max(most, large + static_cast<std::size_t>((others - room + bin - 1) / bin));
        }
    }
    return most;
}

std::optional<double> promised_ratio(plan_strategy strategy, const instance& given) noexcept {
    const auto m = static_cast<double>(given.cores());
    const bool equal = given.one_speed();
    // Gonzalez, Ibarra, Sahni 1977; Kovacs 2010: 1 + 3^(1/2)/3.
    const double lpt =
        equal ? 4.0 / 3 - 1 / (3 * m) : std::min(2 * m / (m + 1), 1 + std::sqrt(3.0) / 3);
    switch (strategy) {
    case plan_strategy::round_robin:
        return std::nullopt;
    case plan_strategy::list:
        if (equal) {
            return 2 - 1 / m;
        }
        return m > 2 ? 1 + std::sqrt(2 * m - 2) / 2 : (1 + std::sqrt(5.0)) / 2;
    case plan_strategy::lpt:
        return lpt;
    case plan_strategy::multifit:
    case plan_strategy::exact: // before its search
        return std::min(lpt, equal ? 13.0 / 11 : 7.0 / 5);
    }
    return std::nullopt;
}

double graham_bound(const instance& given) noexcept {
    const auto m = static_cast<double>(given.cores());
    return static_cast<double>(given.total) / m + (1 - 1 / m) * static_cast<double>(given.longest);
}

} // namespace twill::planner
