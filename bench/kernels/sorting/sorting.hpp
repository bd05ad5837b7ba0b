// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/harness.hpp"
#include "harness/spin.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

namespace bench::sorting {

using value = std::uint32_t;

/// Sorts `given.size` numbers by `sort(first, count)`, of which a small run has `few` at the most.
template <class Sort>
operation prepare(const arguments& given, long few, Sort sort) {
    const auto input = std::make_shared<std::vector<value>>();
    for (long i = 0; i < given.size; ++i) {
        input->push_back(static_cast<value>(scatter(static_cast<std::uint64_t>(i))));
    }
    const auto expected = std::make_shared<std::vector<value>>(*input);
    std::sort(expected->begin(), expected->end());
    const auto data = std::make_shared<std::vector<value>>(*input);
    return {.run = [=] { sort(data->data(), given.size); },
            .check = [=] { return *data == *expected; },
            .reset = [=] { *data = *input; },
            .warm = [=] { sort(data->data(), std::min(given.size, few)); }};
}

} // namespace bench::sorting
