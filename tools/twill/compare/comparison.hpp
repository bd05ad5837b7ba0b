// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "compare/statistics.hpp"
#include "profile/profile.hpp"
#include "verdict/verdict.hpp"

#include <optional>
#include <string>
#include <vector>

namespace twill::tool {

/// One figure on both sides: medians over the profiles of a side, times in nanoseconds.
struct moved {
    std::string name;
    double before = 0;
    double after = 0;
    [[nodiscard]] double by() const noexcept { return after - before; }
};

struct moved_kind {
    moved total;
    double mean_before = 0; ///< of one task
    double mean_after = 0;
};

struct comparison {
    std::size_t profiles_before = 0;
    std::size_t profiles_after = 0;
    moved wall;
    double ratio = 1; ///< of the medians of the wall time, after over before
    std::optional<interval> between;
    double gate = 0;
    bool regression = false;
    int workers_before = 0; ///< that may work at the same time
    int workers_after = 0;
    std::vector<moved> accounts;   ///< core time, in the order of a report
    std::vector<moved_kind> kinds; ///< the one that moved most first
    /// The account that moved most in the direction of the wall time, as an index; absent if none
    /// did.
    std::optional<std::size_t> account;
    profile::verdict after; ///< of the profile with the median wall time, against the other side's
    std::vector<std::string> notes;
};

/// `before` and `after` have at least one profile each. `gate` is a part: 0.05.
/// It is a regression if the ratio is above 1 + gate, and the interval, if there is one, above 1.
comparison compare(const std::vector<profile::profile>& before,
                   const std::vector<profile::profile>& after, double gate);

std::string comparison_as_text(const comparison& of);
std::string comparison_as_json(const comparison& of);

} // namespace twill::tool
