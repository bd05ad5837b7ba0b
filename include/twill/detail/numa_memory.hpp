// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// The seam between numa_vector and the runtime, which knows the machine.

#include "twill/detail/config.hpp"
#include "twill/detail/placement.hpp"

#include <cstddef>
#include <cstdint>

namespace twill::inline abi_1 {

enum class numa_layout : std::uint8_t;

namespace detail {

/// The memory of one numa_vector.
struct numa_memory {
    void* pages = nullptr;
    std::size_t bytes = 0;
    /// Null where all of it is alike for loops.
    const placement* where = nullptr;
};

struct numa_request {
    std::size_t count;
    std::size_t element_size;
    numa_layout layout;
    int node;
    bool huge_pages;
};

/// Zeroed memory for at least one element, in no page yet. False if there is none.
TWILL_API TWILL_COLD bool numa_allocate_slow(numa_memory& into, const numa_request& want) noexcept;
TWILL_API TWILL_COLD void numa_free_slow(numa_memory& from) noexcept;

} // namespace detail
} // namespace twill::inline abi_1
