// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace twill::os {

/// Zeroed pages of their own for `bytes`, page-aligned, in memory at once; null if the system has
/// none to give. unmap_pages() with the same number gives them back to the system.
void* map_pages(std::size_t bytes) noexcept;
void unmap_pages(void* pages, std::size_t bytes) noexcept;

} // namespace twill::os
