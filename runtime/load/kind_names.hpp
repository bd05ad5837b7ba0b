// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace twill::load_model {

/// What has no kind, and what found no room among the kinds.
inline constexpr std::uint32_t unnamed_kind = 0;
inline constexpr std::uint32_t most_kinds = 254;
inline constexpr std::uint32_t other_kinds = most_kinds + 1;
inline constexpr std::uint32_t kind_numbers = other_kinds + 1;

/// The number of the kind of this name, which is made and its name copied if there is none. Any
/// thread, any time, also before main().
std::uint32_t number_of_kind(const char* name) noexcept;

/// How many there are; numbers from 1 on.
std::uint32_t kinds_made() noexcept;

/// Lives as long as the process.
const char* name_of_kind(std::uint32_t number) noexcept;

} // namespace twill::load_model
