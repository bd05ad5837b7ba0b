// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// How a verb holds the callables that it was given: a small closure that can be copied and called
/// through const is copied, so that its captures stay in registers; anything else is referred to,
/// which is enough, since a verb returns only after its callables have ended.

#include "twill/detail/config.hpp"

#include <cstddef>
#include <type_traits>
#include <utility>
#include <variant>

namespace twill::inline abi_1::detail {

/// The largest closure that is copied into a job, in bytes: eight pointers.
inline constexpr std::size_t largest_copied_closure = 64;

template <class Callable, class... Arguments>
inline constexpr bool is_copied =
    std::is_function_v<std::remove_reference_t<Callable>> ||
    (std::is_trivially_copyable_v<std::remove_cvref_t<Callable>> &&
     std::is_copy_constructible_v<std::remove_cvref_t<Callable>> &&
     std::is_invocable_v<const std::remove_cvref_t<Callable>&, Arguments...> &&
     sizeof(std::remove_cvref_t<Callable>) <= largest_copied_closure);

/// Stands for a callable that stays where it is; called as what it was given as.
template <class Callable>
struct referred {
    std::remove_reference_t<Callable>* callable;

    template <class... Arguments>
    TWILL_INLINE decltype(auto) operator()(Arguments&&... arguments) const {
        return static_cast<Callable>(*callable)(std::forward<Arguments>(arguments)...);
    }
};

template <class Held>
inline constexpr bool is_referred = false;
template <class Callable>
inline constexpr bool is_referred<referred<Callable>> = true;

// A function type cannot go through sizeof, so the choice is made in two steps.
template <class Callable, class... Arguments>
struct captured_as {
    using type = referred<Callable&&>;
};
template <class Callable, class... Arguments>
    requires std::is_function_v<std::remove_reference_t<Callable>>
struct captured_as<Callable, Arguments...> {
    using type = std::decay_t<Callable>;
};
template <class Callable, class... Arguments>
    requires(!std::is_function_v<std::remove_reference_t<Callable>>) &&
            is_copied<Callable, Arguments...>
struct captured_as<Callable, Arguments...> {
    using type = std::remove_cvref_t<Callable>;
};

/// The form in which a verb holds a `Callable` that it calls with `Arguments`.
template <class Callable, class... Arguments>
using captured = typename captured_as<Callable, Arguments...>::type;

template <class Callable, class... Arguments>
TWILL_INLINE captured<Callable, Arguments...>
capture(std::remove_reference_t<Callable>& callable) noexcept {
    if constexpr (std::is_same_v<captured<Callable, Arguments...>, referred<Callable&&>>) {
        return {__builtin_addressof(callable)};
    } else {
        return callable;
    }
}

/// The value that calling a captured callable leaves: decayed, std::monostate for void.
template <class Callable>
using value_of =
    std::conditional_t<std::is_void_v<std::invoke_result_t<const Callable&>>, std::monostate,
                       std::decay_t<std::invoke_result_t<const Callable&>>>;

template <class Callable>
TWILL_INLINE value_of<Callable> call(const Callable& callable) {
    if constexpr (std::is_void_v<std::invoke_result_t<const Callable&>>) {
        callable();
        return {};
    } else {
        return callable();
    }
}

} // namespace twill::inline abi_1::detail
