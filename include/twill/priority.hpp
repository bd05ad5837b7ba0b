// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// priority: an option of runtime::submit and task_group::run.

#include "twill/detail/config.hpp"

#include <cstdint>
#include <type_traits>

namespace twill::inline abi_1 {

/// The option `twill::priority::high`, `normal` or `low` of runtime::submit and task_group::run: in
/// which order what waits is begun. What has begun is never stopped for another one, and whoever
/// waits for something may take it whatever its level.
///
/// A lower level is passed over 16 times in a row at the most: then it comes next. So with any
/// number of others waiting, a submission that is p-th on its level begins as the 19 p-th at the
/// latest; in a group each of n workers that take tasks at a time may pass a level over once more.
///
/// ```cpp
/// twill::runtime rt{{.workers = 1}};
/// std::vector<char> order;
/// rt.run([&] {
///     twill::task_group group;
///     group.run([&] { order.push_back('l'); }, twill::priority::low);
///     group.run([&] { order.push_back('n'); });
///     group.run([&] { order.push_back('h'); }, twill::priority::high);
///     group.wait();
/// });
/// const std::string begun(order.begin(), order.end());
/// // begun == "hnl"
/// ```
enum class priority : std::uint8_t {
    high,   ///< before the other levels
    normal, ///< what is given no level
    low     ///< after the other levels
};

namespace detail {

template <class Option>
inline constexpr bool is_priority = std::is_same_v<std::remove_cvref_t<Option>, priority>;

/// The level as a number, of the one option that tells it.
TWILL_INLINE constexpr std::uint32_t find_level() noexcept {
    return static_cast<std::uint32_t>(priority::normal);
}
template <class Option, class... Options>
TWILL_INLINE constexpr std::uint32_t find_level(const Option& option,
                                                const Options&... options) noexcept {
    if constexpr (is_priority<Option>) {
        return static_cast<std::uint32_t>(option);
    } else {
        return find_level(options...);
    }
}

} // namespace detail
} // namespace twill::inline abi_1
