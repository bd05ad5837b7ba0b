// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// The seam between numa_allocator and the runtime, which knows the machine.

#include "twill/detail/config.hpp"
#include "twill/detail/placement.hpp"

#include <cstddef>
#include <cstdint>

namespace twill::inline abi_1 {

enum class numa_layout : std::uint8_t;

namespace detail {

/// What memory is asked for by, and found again.
struct numa_request {
    std::size_t count;
    std::size_t element_size;
    numa_layout layout;
    int node;
    bool huge_pages;
};

/// Zeroed memory for at least one element, in no page yet. Null if there is none.
TWILL_API TWILL_COLD void* numa_allocate_slow(const numa_request& want) noexcept;
/// Of what was allocated by such a request: give it back, and say how it is placed. The latter is
/// null where all of it is alike for loops.
TWILL_API TWILL_COLD void numa_free_slow(void* data, const numa_request& want) noexcept;
TWILL_API TWILL_COLD const placement* numa_placement_slow(const void* data,
                                                          const numa_request& want) noexcept;

} // namespace detail
} // namespace twill::inline abi_1
