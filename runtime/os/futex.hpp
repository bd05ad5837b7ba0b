// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "twill/detail/atomic.hpp"

#include <cstdint>

namespace twill::os {

/// detail::futex_wait() that returns after `nanoseconds` at the latest: for looks at what tells
/// nobody that it changes, not for waits of the protocols.
void futex_wait_for(detail::atomic<std::uint32_t>& word, std::uint32_t expected,
                    std::int64_t nanoseconds) noexcept;

} // namespace twill::os
