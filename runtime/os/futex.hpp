// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "twill/detail/atomic.hpp"

#include <cstdint>

namespace twill::os {

/// An instant of the monotonic clock in nanoseconds, so long from now; never before now.
std::uint64_t deadline_after(std::uint64_t nanoseconds) noexcept;

/// Sleeps while `word` holds `expected`, as detail::futex_wait() does, but not beyond `deadline`.
/// False: that has come.
bool futex_wait_until(detail::atomic<std::uint32_t>& word, std::uint32_t expected,
                      std::uint64_t deadline) noexcept;

/// detail::futex_wait() that returns after `nanoseconds` at the latest: for looks at what tells
/// nobody that it changes, not for waits of the protocols.
void futex_wait_for(detail::atomic<std::uint32_t>& word, std::uint32_t expected,
                    std::uint64_t nanoseconds) noexcept;

} // namespace twill::os
