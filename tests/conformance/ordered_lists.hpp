// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support.hpp"

#include <numeric>
#include <vector>

namespace twill_test {

using ints = std::vector<int>;
using int_list = twill::append_reducer<ints>;

inline ints first_numbers(int count) {
    ints all(static_cast<std::size_t>(count));
    std::iota(all.begin(), all.end(), 0);
    return all;
}

/// Appends [first, last) by forks down to single numbers, each of which takes `steps` of work.
inline void append_by_forks(int_list& to, int first, int last, int steps) {
    if (last - first == 1) {
        keep(work(steps));
        to->push_back(first);
        return;
    }
    const int middle = first + (last - first) / 2;
    twill::parallel_invoke([=, &to] { append_by_forks(to, first, middle, steps); },
                           [=, &to] { append_by_forks(to, middle, last, steps); });
}

} // namespace twill_test
