// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "load/region_table.hpp"
#include "twill/region.hpp"

#include <cstdint>

namespace twill::load_model {

/// The window that the calling thread has opened last, of those that are open; null for none.
[[gnu::tls_model(
    "initial-exec")]] extern constinit thread_local detail::region_window* innermost_window;

/// Opens a window inside of current_region; null counts as the empty name.
void begin_region(detail::region_window& one, const char* name) noexcept;

/// Closes innermost_window, and calls the callback of its deadline.
void end_region(detail::region_window& one) noexcept;

/// In the child of a fork(): the windows of other threads are not here.
void forget_regions_in_child() noexcept;

/// Of its path.
inline std::uint32_t number_of(const detail::region_window& one) noexcept {
    return static_cast<const region_path*>(one.path)->number;
}

} // namespace twill::load_model
