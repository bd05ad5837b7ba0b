// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

namespace twill::os {

/// Zeroed pages of their own for `bytes`, page-aligned and in no memory yet: where each comes to
/// lie is decided when it is first touched. Null if the system has none to give. `huge`: in huge
/// pages where the system has them and `bytes` is a multiple of their 2 MiB. Behind them so many
/// bytes more in ordinary pages. unmap_pages() with both numbers' sum gives them back.
void* reserve_pages(std::size_t bytes, bool huge, std::size_t behind = 0) noexcept;

/// Bytes of an ordinary page, and of a huge one.
std::size_t page_size() noexcept;
inline constexpr std::size_t huge_page_size = std::size_t{2} << 20;

/// Pages that are in no memory yet are to lie on a NUMA node, by the kernel's number; where that
/// has none left, on another one. 0, or an errno value: then they lie where they are first touched.
/// `pages` is page-aligned.
int prefer_node(void* pages, std::size_t bytes, int node) noexcept;

/// The same, on several nodes in turn, page by page.
int interleave_over(void* pages, std::size_t bytes, std::span<const int> nodes) noexcept;

/// The node on which what is there lies, or -1: it is in no memory, or the kernel does not tell.
int node_of_address(const void* address) noexcept;

} // namespace twill::os
