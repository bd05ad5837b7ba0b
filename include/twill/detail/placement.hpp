// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// Where the elements of a loop lie: what a numa_vector knows of its memory, and what the options
/// twill::at and twill::near say.

#include "twill/detail/config.hpp"

#include <cstddef>

namespace twill::inline abi_1::detail {

/// Elements up to `end`, from the end of the stretch before, lie on a NUMA node, by the kernel's
/// number.
struct stretch {
    std::size_t end;
    int node;
};

/// Consecutive stretches that cover all elements of some memory.
struct placement {
    const stretch* stretches;
    std::size_t count;
    const void* data;
    std::size_t element_size;
};

/// A placement as a loop uses it: element k of the loop is element `first` + k of the placement.
struct placed_range {
    const placement* of = nullptr; ///< null: nothing is known, or all of it is alike
    std::size_t first = 0;
};

/// What a loop is told of where its elements lie: one of the three, or nothing.
struct place_hint {
    placed_range range;
    const void* pointer = nullptr; ///< where this lies
    int node = -1;                 ///< by the kernel's number

    [[nodiscard]] TWILL_INLINE bool known() const noexcept {
        return range.of != nullptr || pointer != nullptr || node >= 0;
    }
};

/// Stands for a loop that is told nothing: takes no room and no time.
struct no_place {};

/// What knows where its elements lie: a numa_vector, and its iterators.
template <class T>
concept placed = requires(const T& one) { placed_range(one.placed()); };

/// What has its elements from an allocator that knows it: `of(container)` is their range.
template <class T>
struct placed_by_allocator {};
template <class T>
concept allocated_in_place = requires(const T& one) { placed_by_allocator<T>::of(one); };

} // namespace twill::inline abi_1::detail
