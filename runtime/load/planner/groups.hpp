// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "load/planner/instance.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace twill::planner {

/// Tasks of equal size, which no plan needs to tell apart: sizes falling, and how many tasks of
/// each there are. Tasks of size 0 are in no group.
struct groups {
    std::vector<size> sizes;
    std::vector<std::uint32_t> counts;

    [[nodiscard]] std::size_t count() const noexcept { return sizes.size(); }
};

inline groups groups_of(const instance& given) {
    groups made;
    for (const std::uint32_t task : given.falling) {
        const size one = given.sizes[task];
        if (one == 0) {
            break;
        }
        if (made.sizes.empty() || made.sizes.back() != one) {
            made.sizes.push_back(one);
            made.counts.push_back(0);
        }
        ++made.counts.back();
    }
    return made;
}

} // namespace twill::planner
