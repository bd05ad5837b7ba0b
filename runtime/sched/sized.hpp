// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace twill::sched {

/// A size, and the one that the schedule explorer compiles: so small that what happens at its end
/// happens within a few steps.
#if defined(TWILL_ATOMIC_HEADER)
constexpr std::uint32_t sized(std::uint32_t /*usual*/, std::uint32_t explored) noexcept {
    return explored;
}
#else
constexpr std::uint32_t sized(std::uint32_t usual, std::uint32_t /*explored*/) noexcept {
    return usual;
}
#endif

} // namespace twill::sched
