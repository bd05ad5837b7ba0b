// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <type_traits>

namespace bench::runtime {

/// What a loop from `first` passes on at `position`: an integer itself, an iterator's element.
template <class Position>
[[gnu::always_inline]] inline decltype(auto) element(const Position& position) {
    if constexpr (std::is_integral_v<Position>) {
        return Position(position);
    } else {
        return *position;
    }
}

} // namespace bench::runtime
