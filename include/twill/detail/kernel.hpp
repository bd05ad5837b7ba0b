// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// What the loop verbs have in common: the sequence that they run over, and what every kernel of
/// the range engine carries.

#include "twill/detail/capture.hpp"
#include "twill/detail/library.hpp"
#include "twill/detail/range.hpp"
#include "twill/options.hpp"

#include <concepts>
#include <cstddef>
#include <type_traits>

namespace twill::inline abi_1::detail {

/// The accumulator of a loop that adds nothing up.
struct no_total {};

/// What every kernel carries: the common end, the token and the grain.
template <class Token, class Grain>
struct kernel_base {
    loop_control control;
    [[no_unique_address]] Token token;
    [[no_unique_address]] Grain minimum;

    TWILL_INLINE kernel_base(const Token& stop, const Grain& least) noexcept
        : token(stop), minimum(least) {}

    TWILL_INLINE bool ended() const noexcept {
        if constexpr (!std::is_same_v<Token, no_token>) {
            if (token.stop_requested()) {
                control.stop();
            }
        }
        return control.ended();
    }
    TWILL_INLINE std::size_t grain() const noexcept { return minimum.elements(); }
};

template <class T>
concept integer =
    std::integral<std::remove_cvref_t<T>> && !std::same_as<std::remove_cvref_t<T>, bool> &&
    sizeof(std::remove_cvref_t<T>) <= sizeof(std::size_t);

/// A sequence is a first element and a count; `at(k)` is what the body is given for element k.
template <class Integer>
struct integer_sequence {
    using argument = Integer;
    Integer first;
    [[nodiscard]] TWILL_INLINE Integer at(std::size_t k) const noexcept {
        // Modulo 2^64, so that a range may span the whole type.
        return static_cast<Integer>(static_cast<std::uint64_t>(first) + k);
    }
};

template <std::random_access_iterator Iterator>
struct iterator_sequence {
    using argument = std::iter_reference_t<Iterator>;
    Iterator first;
    [[nodiscard]] TWILL_INLINE decltype(auto) at(std::size_t k) const {
        return first[static_cast<std::iter_difference_t<Iterator>>(k)];
    }
};

template <class First, class Last>
inline constexpr bool is_sequence =
    (integer<First> && integer<Last>) ||
    (std::random_access_iterator<std::remove_cvref_t<First>> &&
     std::sized_sentinel_for<std::remove_cvref_t<Last>, std::remove_cvref_t<First>>);

template <class First, class Last>
TWILL_INLINE auto make_sequence(First first, Last /*last*/) {
    if constexpr (integer<First>) {
        using Integer = std::common_type_t<First, Last>;
        return integer_sequence<Integer>{static_cast<Integer>(first)};
    } else {
        return iterator_sequence<First>{first};
    }
}

/// The number of elements of [first, last): 0 if it is reversed.
template <class First, class Last>
TWILL_INLINE std::size_t count_of(First first, Last last) {
    if constexpr (integer<First>) {
        using Integer = std::common_type_t<First, Last>;
        const auto low = static_cast<Integer>(first);
        const auto high = static_cast<Integer>(last);
        return low < high ? static_cast<std::size_t>(static_cast<std::uint64_t>(high) -
                                                     static_cast<std::uint64_t>(low))
                          : 0;
    } else {
        const auto distance = last - first;
        return distance > 0 ? static_cast<std::size_t>(distance) : 0;
    }
}

template <class First, class Last>
using sequence_of = decltype(make_sequence(std::declval<std::remove_cvref_t<First>>(),
                                           std::declval<std::remove_cvref_t<Last>>()));

/// What a for-verb returns: nothing, or with a token how it ended.
template <class Kernel>
TWILL_INLINE auto conclude(const Kernel& kernel) {
    const bool all = kernel.control.finish();
    if constexpr (!std::is_same_v<std::remove_cvref_t<decltype(kernel.token)>, no_token>) {
        return all ? outcome::completed : outcome::stopped;
    } else {
        (void)all;
    }
}

} // namespace twill::inline abi_1::detail
