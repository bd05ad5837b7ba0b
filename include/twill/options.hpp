// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// What can trail the arguments of every verb, in any order: twill::grain, twill::at_most,
/// twill::at, twill::near, twill::kind (in twill/kind.hpp) and std::stop_token.

#include "twill/detail/config.hpp"
#include "twill/detail/placement.hpp"

#include <concepts>
#include <cstddef>
#include <type_traits>

namespace twill::inline abi_1 {

class kind;

/// What became of a verb that was given a std::stop_token. An exception wins over both: the verb
/// then throws.
///
/// ```cpp
/// std::stop_source source;
/// std::atomic<int> ran = 0;
/// const twill::outcome ended = twill::parallel_for(
///     0, 1000,
///     [&](int i) {
///         ++ran;
///         if (i == 0) { source.request_stop(); }
///     },
///     source.get_token());
/// // ended == twill::outcome::stopped, ran >= 1, ran < 1000
/// ```
enum class [[nodiscard]] outcome {
    /// Everything ran.
    completed,
    /// A stop was requested in time: something was not begun. What had begun ran to its end.
    stopped
};

/// The option `twill::grain(n)`: a loop is never cut into pieces of fewer than `n` elements, except
/// for the last. It is a minimum only; without it a loop finds its own pieces by time.
/// Values below 1 count as 1. For parallel_invoke it has no effect. O(1); throws nothing.
///
/// ```cpp
/// std::vector<int> x(100'000, 1);
/// twill::parallel_for_each(x, [](int& element) { ++element; }, twill::grain(1024));
/// // x.front() == 2, x.back() == 2
/// ```
class grain {
public:
    template <class Integer>
    constexpr explicit grain(Integer elements) noexcept
        : elements_(elements < 1 ? 1 : static_cast<std::size_t>(elements)) {
        static_assert(std::integral<Integer> && !std::same_as<Integer, bool>,
                      "twill: grain(n) takes an integer number of elements");
    }

    /// The minimum, at least 1.
    [[nodiscard]] constexpr std::size_t elements() const noexcept { return elements_; }

private:
    std::size_t elements_;
};

/// The option `twill::at_most(n)`: at no time do more than `n` threads run elements or callables of
/// this call; which threads these are may change. A thread that waits in an element, for a verb
/// that was called there or for anything else, counts as running it.
///
/// The limit is for this call alone: verbs that are called inside of it have their own limits or
/// none. With 1 everything runs on the calling thread, one element after the other in order. More
/// than the number of workers is no error and holds nobody back. Values below 1 count as 1.
/// O(1); throws nothing.
///
/// ```cpp
/// std::atomic<int> inside = 0;
/// std::atomic<bool> crowded = false;
/// twill::parallel_for(
///     0, 1000,
///     [&](int) {
///         if (++inside > 2) { crowded = true; }
///         --inside;
///     },
///     twill::at_most(2));
/// // crowded == false
/// ```
class at_most {
public:
    template <class Integer>
    constexpr explicit at_most(Integer threads) noexcept
        : threads_(threads < 1 ? 1 : static_cast<std::size_t>(threads)) {
        static_assert(std::integral<Integer> && !std::same_as<Integer, bool>,
                      "twill: at_most(n) takes an integer number of threads");
    }

    /// The limit, at least 1.
    [[nodiscard]] constexpr std::size_t threads() const noexcept { return threads_; }

private:
    std::size_t threads_;
};

/// The option `twill::at(node)`: the elements or callables of this call are given first to the
/// workers of a NUMA node, by the kernel's number (`twill topology` shows them). runtime::submit
/// and task_group::run take it too.
///
/// A hint: any worker that is idle takes what nobody has begun, and the call waits for no worker.
/// It says nothing where the machine has one node (but to loops, if there are performance and
/// efficient cores: these get as much as they are fast), no worker is on that one, the machine is
/// not known yet (a moment after the first verb), or at_most is given too. A call for which it says
/// something posts an invitation to each worker of the node, about 50 ns each.
///
/// What is submitted, or put into a group, with it lies in a queue of the node: its workers look
/// there before they look at what others have, anybody else when they find nothing that is meant
/// for them or for all. A sleeping thread of the node is woken for it rather than another one.
/// O(1); throws nothing.
///
/// ```cpp
/// std::vector<int> x(10'000, 1);
/// twill::parallel_for_each(x, [](int& element) { ++element; }, twill::at(0));
/// twill::runtime rt{{.workers = 2}};
/// const int twice = rt.submit([] { return 42; }, twill::at(0)).get() * 2;
/// // x.front() == 2, x.back() == 2, twice == 84
/// ```
class at {
public:
    /// A negative number says nothing.
    constexpr explicit at(int node) noexcept : node_(node) {}

    [[nodiscard]] constexpr int node() const noexcept { return node_; }
    [[nodiscard]] constexpr detail::place_hint hint() const noexcept {
        return {{}, nullptr, node_};
    }

private:
    int node_;
};

/// The option `twill::near(pointer)`: twill::at the node where what is there lies in memory; and
/// `twill::near(v)` of a numa_vector, or of a std::vector with a numa_allocator: element k of the
/// call is given first to a worker of the node where v[k] lies. What is submitted, or put into a
/// group, is element 0. Hints, as twill::at, and the same is said of them.
///
/// The kernel is asked where a pointer leads, each time, about 1 us; for memory that nobody has
/// touched it has no answer.
///
/// ```cpp
/// #include <twill/numa_vector.hpp>
///
/// twill::numa_vector<float> a(10'000, 1.0F);
/// twill::numa_vector<float> b(10'000, 2.0F);
/// twill::parallel_for(
///     std::size_t{0}, a.size(), [&](std::size_t k) { a[k] += b[k]; }, twill::near(a));
/// // a[0] == 3.0F, a[9'999] == 3.0F
/// ```
class near {
public:
    explicit near(const void* pointer) noexcept : hint_{{}, pointer, -1} {}
    template <detail::placed Placed>
    explicit near(const Placed& data) noexcept : hint_{data.placed(), nullptr, -1} {}
    template <detail::allocated_in_place Container>
    explicit near(const Container& data) noexcept
        : hint_{detail::placed_by_allocator<Container>::of(data), nullptr, -1} {}

    [[nodiscard]] const detail::place_hint& hint() const noexcept { return hint_; }

private:
    detail::place_hint hint_;
};

namespace detail {

/// std::stop_token, or what answers the same two questions. The header of the first is large, and
/// whoever has a token has included it.
template <class T>
concept stop_token = std::copy_constructible<T> && requires(const T& token) {
    { token.stop_requested() } -> std::same_as<bool>;
    { token.stop_possible() } -> std::same_as<bool>;
};

template <class T>
inline constexpr bool is_option =
    std::same_as<std::remove_cvref_t<T>, grain> || std::same_as<std::remove_cvref_t<T>, at_most> ||
    std::same_as<std::remove_cvref_t<T>, at> || std::same_as<std::remove_cvref_t<T>, near> ||
    std::same_as<std::remove_cvref_t<T>, kind> || stop_token<std::remove_cvref_t<T>>;

/// Stands for an option that is not given: takes no room and no time.
struct no_token {
    [[nodiscard]] static constexpr bool stop_requested() noexcept { return false; }
};
struct no_grain {
    [[nodiscard]] static constexpr std::size_t elements() noexcept { return 1; }
};
struct no_limit {};
struct no_kind {};

TWILL_INLINE no_token find_token() noexcept { return {}; }
template <class Option, class... Options>
TWILL_INLINE decltype(auto) find_token(const Option& option, const Options&... options) noexcept {
    if constexpr (stop_token<Option>) {
        return (option);
    } else {
        return find_token(options...);
    }
}

TWILL_INLINE no_grain find_grain() noexcept { return {}; }
template <class Option, class... Options>
TWILL_INLINE auto find_grain(const Option& option, const Options&... options) noexcept {
    if constexpr (std::same_as<Option, grain>) {
        return option;
    } else {
        return find_grain(options...);
    }
}

TWILL_INLINE no_limit find_limit() noexcept { return {}; }
template <class Option, class... Options>
TWILL_INLINE auto find_limit(const Option& option, const Options&... options) noexcept {
    if constexpr (std::same_as<Option, at_most>) {
        return option;
    } else {
        return find_limit(options...);
    }
}

TWILL_INLINE no_kind find_kind() noexcept { return {}; }
template <class Option, class... Options>
TWILL_INLINE auto find_kind(const Option& option, const Options&... options) noexcept {
    if constexpr (std::same_as<Option, kind>) {
        return option;
    } else {
        return find_kind(options...);
    }
}

/// The option, or else what the elements themselves know.
template <class First>
TWILL_INLINE auto place_of(const First& first) noexcept {
    if constexpr (placed<First>) {
        return place_hint{first.placed(), nullptr, -1};
    } else {
        return no_place{};
    }
}
template <class First, class Option, class... Options>
TWILL_INLINE auto place_of(const First& first, const Option& option,
                           const Options&... options) noexcept {
    if constexpr (std::same_as<Option, at> || std::same_as<Option, near>) {
        return place_hint(option.hint());
    } else {
        return place_of(first, options...);
    }
}

/// Of what is no loop.
template <class Option>
inline constexpr bool is_place = std::same_as<std::remove_cvref_t<Option>, at> ||
                                 std::same_as<std::remove_cvref_t<Option>, near>;

/// One of `options` is one.
template <class Option, class... Options>
TWILL_INLINE place_hint find_place(const Option& option, const Options&... options) noexcept {
    if constexpr (is_place<Option>) {
        return option.hint();
    } else {
        return find_place(options...);
    }
}

template <class... Options>
inline constexpr bool has_token = (stop_token<std::remove_cvref_t<Options>> || ...);

template <class... Options>
constexpr void check_options() noexcept {
    static_assert((is_option<Options> && ...),
                  "twill: unknown option: after its arguments a verb takes twill::grain(n), "
                  "twill::at_most(n), twill::at(node), twill::near(pointer), a twill::kind and a "
                  "std::stop_token, in any order");
}

} // namespace detail
} // namespace twill::inline abi_1
