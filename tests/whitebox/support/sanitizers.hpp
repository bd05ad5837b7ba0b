// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "twill/detail/atomic.hpp"

#if defined(__SANITIZE_ADDRESS__)
#define TWILL_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TWILL_ADDRESS_SANITIZER 1
#endif
#endif

namespace twill::testing_support {

/// Do a sanitizer's own pages, stacks and clocks make the sizes of this process meaningless?
#if defined(TWILL_ADDRESS_SANITIZER) || defined(TWILL_THREAD_SANITIZER)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif

} // namespace twill::testing_support
