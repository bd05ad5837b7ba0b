// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// parallel_invoke: fork and join.
///
/// Work stealing with the helping and the joins of the papers: Blumofe, Leiserson: Scheduling
/// multithreaded computations by work stealing (JACM 46, 1999); private jobs that become public on
/// demand: van Dijk, van de Pol: Lace (MuCoCoS 2014), and Acar, Chargueraud, Rainey: Scheduling
/// parallel programs by work stealing with private deques (PPoPP 2013); what a blocked join runs:
/// Wagner, Calder: Leapfrogging (PPoPP 1993).

#include "twill/detail/fork.hpp"
#include "twill/detail/kernel.hpp"
#include "twill/detail/placed.hpp"

#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace twill::inline abi_1 {
namespace detail {

/// Three callables or more, or an option: a loop over the callables, whose values wait in the frame
/// of the verb.
template <class Token, class... Callables>
struct invoke_kernel : kernel_base<Token, no_grain> {
    using accumulator = no_total;
    static constexpr bool by_element = true;
    static constexpr bool each_is_a_task = true;
    using values = std::tuple<std::optional<value_of<Callables>>...>;

    std::tuple<Callables...> callables;
    mutable values results;

    TWILL_INLINE explicit invoke_kernel(const Token& stop, const Callables&... all)
        : kernel_base<Token, no_grain>(stop, {}), callables(all...) {}

    [[nodiscard]] TWILL_INLINE static no_total start() noexcept { return {}; }
    TWILL_INLINE static void merge(no_total& /*into*/, no_total&& /*later*/) noexcept {}
    TWILL_INLINE void run(no_total& /*total*/, std::size_t begin, std::size_t end) const {
        for (std::size_t k = begin; k < end; ++k) {
            run_one(k, std::index_sequence_for<Callables...>{});
        }
    }
    TWILL_INLINE void run_one(no_total& /*total*/, std::size_t k) const {
        run_one(k, std::index_sequence_for<Callables...>{});
    }

private:
    template <std::size_t... Index>
    TWILL_INLINE void run_one(std::size_t k, std::index_sequence<Index...> /*all*/) const {
        static_cast<void>((
            (k == Index ? (std::get<Index>(results).emplace(call(std::get<Index>(callables))), true)
                        : false) ||
            ...));
    }
};

template <class... Callables>
inline constexpr bool all_void = (std::is_void_v<std::invoke_result_t<const Callables&>> && ...);

template <class Token, class Where, class Limit, class Kind, class... Callables>
auto invoke_all(const Token& token, const Where& where, const Limit& limit, const Kind& as,
                const Callables&... callables) {
    using Kernel = invoke_kernel<Token, Callables...>;
    const Kernel kernel(token, callables...);
    run_where(where, limit, as, kernel, sizeof...(Callables));
    if constexpr (all_void<Callables...>) {
        return conclude(kernel);
    } else {
        const bool all = kernel.control.finish();
        const auto take = [&kernel] {
            return std::apply(
                [](auto&... result) {
                    return std::tuple<value_of<Callables>...>(std::move(*result)...);
                },
                kernel.results);
        };
        if constexpr (std::is_same_v<Token, no_token>) {
            (void)all;
            return take();
        } else {
            using Tuple = std::tuple<value_of<Callables>...>;
            return all ? std::optional<Tuple>(take()) : std::optional<Tuple>();
        }
    }
}

template <class First, class Second>
TWILL_INLINE auto invoke_both(const First& first, const Second& second) {
    if constexpr (all_void<First, Second>) {
        fork<First, Second>(first, second);
    } else {
        auto values = fork<First, Second>(first, second);
        return std::tuple<value_of<First>, value_of<Second>>(std::move(values.first),
                                                             std::move(values.second));
    }
}

/// Two callables of a kind are a fork too, in which each is called within a frame of the kind.
template <class First, class Second, class Kind>
TWILL_INLINE auto invoke_both_as(std::remove_reference_t<First>& first,
                                 std::remove_reference_t<Second>& second,
                                 const std::remove_reference_t<Kind>& as) {
    using one = of_kind<captured<First>>;
    using other = of_kind<captured<Second>>;
    return invoke_both(one{capture<First>(first), as.number()},
                       other{capture<Second>(second), as.number()});
}

/// The number of callables: everything before the first option.
template <class... Arguments>
consteval std::size_t count_callables() {
    constexpr bool option[] = {is_option<Arguments>..., true};
    std::size_t count = 0;
    while (!option[count]) {
        ++count;
    }
    return count;
}

template <class... Arguments>
consteval bool options_trail() {
    constexpr bool option[] = {is_option<Arguments>..., true};
    bool seen = false;
    for (std::size_t k = 0; k < sizeof...(Arguments); ++k) {
        if (seen && !option[k]) {
            return false;
        }
        seen = seen || option[k];
    }
    return true;
}

template <class... Arguments, std::size_t... Callable, std::size_t... Option>
TWILL_INLINE auto invoke_with_options(std::tuple<Arguments...> arguments,
                                      std::index_sequence<Callable...> /*callables*/,
                                      std::index_sequence<Option...> /*options*/) {
    constexpr std::size_t first_option = sizeof...(Callable);
    const auto as = find_kind(std::get<first_option + Option>(arguments)...);
    return invoke_all(find_token(std::get<first_option + Option>(arguments)...),
                      place_of(no_place{}, std::get<first_option + Option>(arguments)...),
                      find_limit(std::get<first_option + Option>(arguments)...), as,
                      capture<std::tuple_element_t<Callable, std::tuple<Arguments...>>>(
                          std::get<Callable>(arguments))...);
}

} // namespace detail

/// Calls every callable once, in parallel where somebody is idle, and returns when all have ended.
/// The caller runs the first; a fork costs about as much as a function call.
///
/// \param arguments  callables without parameters, one at least, then options in any order
///                   (twill::at_most(n), twill::kind, std::stop_token; twill::grain has no
///                   effect). A small
///                   closure that can be copied and called through const is copied, so that it and
///                   its captures stay in registers; any other is referred to and called as what it
///                   was passed as.
/// \return nothing if all callables return void; else a std::tuple of their decayed values in
///         order, std::monostate for void. With a token: a twill::outcome, or a std::optional of
///         the tuple. Values need neither be copyable nor have a default constructor.
/// \throws whatever was thrown first in time, after all callables that had begun have ended; those
///         that had not begun are dropped.
///
/// Work: that of the callables. Span: the longest of theirs and O(log k) splits for k callables.
/// Thread-safe: callable from any thread and from inside tasks. Capture by value and return values
/// where you can: the compiler then keeps both in registers, which references would rule out.
///
/// ```cpp
/// int n = 20;
/// auto [a, b] = twill::parallel_invoke([n] { return n + 1; }, [n] { return n * 2.0; });
/// // a == 21, b == 40.0
/// ```
template <class... Arguments>
TWILL_INLINE auto parallel_invoke(Arguments&&... arguments) {
    constexpr std::size_t count = detail::count_callables<Arguments...>();
    static_assert(count > 0, "twill: parallel_invoke takes at least one callable, and options come "
                             "after the callables");
    static_assert(detail::options_trail<Arguments...>(),
                  "twill: unknown option or misplaced argument: parallel_invoke takes callables "
                  "first, then twill::grain(n), twill::at_most(n), a twill::kind and a "
                  "std::stop_token, in any order");
    static_assert(((detail::is_option<Arguments> || std::is_invocable_v<Arguments>) && ...),
                  "twill: parallel_invoke takes callables without parameters, then options");
    if constexpr (count > 0 && detail::options_trail<Arguments...>() &&
                  ((detail::is_option<Arguments> || std::is_invocable_v<Arguments>) && ...)) {
        if constexpr (count == 2 && sizeof...(Arguments) == 2) {
            return detail::invoke_both(detail::capture<Arguments&&>(arguments)...);
        } else if constexpr (count == 2 && sizeof...(Arguments) == 3 &&
                             (std::is_same_v<std::remove_cvref_t<Arguments>, kind> || ...)) {
            return detail::invoke_both_as<Arguments&&...>(arguments...);
        } else {
            return detail::invoke_with_options(
                std::forward_as_tuple(std::forward<Arguments>(arguments)...),
                std::make_index_sequence<count>{},
                std::make_index_sequence<sizeof...(Arguments) - count>{});
        }
    }
}

} // namespace twill::inline abi_1
