// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace twill::topology {

/// More CPUs than any kernel has, so that a strange list costs no memory.
inline constexpr int cpus_at_most = 1 << 20;

/// A list of CPUs and ranges, such as "0-3,8", in its order. Nothing if it is not one, if it has a
/// CPU twice, or more than `at_most`. Throws std::bad_alloc.
std::optional<std::vector<int>> cpu_list(std::string_view text, std::size_t at_most);

} // namespace twill::topology
