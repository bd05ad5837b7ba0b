// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace twill::os {

/// Zeroed pages of their own for `bytes`, page-aligned; null if the system has none to give.
/// `huge`: in huge pages where the system has them and `bytes` is a multiple of their 2 MiB; else
/// the pages are in memory at once. unmap_pages() with the same number gives them back.
void* map_pages(std::size_t bytes, bool huge) noexcept;
void unmap_pages(void* pages, std::size_t bytes) noexcept;

} // namespace twill::os
