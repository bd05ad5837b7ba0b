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

/// The position `index` after `first`, and how many there are up to `last`: for runtimes whose
/// loops count.
template <class Position>
[[gnu::always_inline]] inline Position advanced(const Position& first, long index) {
    if constexpr (std::is_integral_v<Position>) {
        return static_cast<Position>(first + static_cast<Position>(index));
    } else {
        return first + index;
    }
}

template <class Position>
[[gnu::always_inline]] inline long count_between(const Position& first, const Position& last) {
    return first < last ? static_cast<long>(last - first) : 0;
}

} // namespace bench::runtime
