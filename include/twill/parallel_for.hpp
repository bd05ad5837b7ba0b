// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// The loops: parallel_for, parallel_for_each and parallel_for_blocks.
///
/// They split on demand: a loop runs serially, and what is left of it is halved when an idle thread
/// asks (Tzannes, Caragea, Barua, Vishkin: Lazy binary-splitting, PPoPP 2010); the halves are
/// scheduled by work stealing (Blumofe, Leiserson: Scheduling multithreaded computations by work
/// stealing, JACM 46, 1999). What makes the rest of a loop worth a split is measured time and not a
/// number of elements.

#include "twill/detail/kernel.hpp"
#include "twill/detail/library.hpp"
#include "twill/detail/placed.hpp"

#include <utility>

namespace twill::inline abi_1 {
namespace detail {

/// body(element) for every element.
template <class Sequence, class Body, class Token, class Grain>
struct for_kernel : kernel_base<Token, Grain> {
    using accumulator = no_total;
    static constexpr bool by_element = true;

    Sequence sequence;
    Body body;

    TWILL_INLINE for_kernel(const Sequence& over, const Body& with, const Token& stop,
                            const Grain& least)
        : kernel_base<Token, Grain>(stop, least), sequence(over), body(with) {}

    [[nodiscard]] TWILL_INLINE static no_total start() noexcept { return {}; }
    TWILL_INLINE static void merge(no_total& /*into*/, no_total&& /*later*/) noexcept {}
    TWILL_INLINE void run(no_total& /*total*/, std::size_t begin, std::size_t end) const {
        // Copies of the loop's own: nothing that the body writes can alias them.
        const Sequence over = sequence;
        const Body mine = body;
        for (std::size_t k = begin; k < end; ++k) {
            mine(over.at(k));
        }
    }
    TWILL_INLINE void run_one(no_total& /*total*/, std::size_t k) const { body(sequence.at(k)); }
};

/// body(begin, end) for consecutive blocks.
template <class First, class Body, class Token, class Grain>
struct blocks_kernel : kernel_base<Token, Grain> {
    using accumulator = no_total;
    static constexpr bool by_element = false;

    First first;
    Body body;

    TWILL_INLINE blocks_kernel(const First& from, const Body& with, const Token& stop,
                               const Grain& least)
        : kernel_base<Token, Grain>(stop, least), first(from), body(with) {}

    [[nodiscard]] TWILL_INLINE static no_total start() noexcept { return {}; }
    TWILL_INLINE static void merge(no_total& /*into*/, no_total&& /*later*/) noexcept {}
    TWILL_INLINE void run(no_total& /*total*/, std::size_t begin, std::size_t end) const {
        body(bound(begin), bound(end));
    }

private:
    [[nodiscard]] TWILL_INLINE First bound(std::size_t k) const {
        if constexpr (integer<First>) {
            return integer_sequence<First>{first}.at(k);
        } else {
            return first + static_cast<std::iter_difference_t<First>>(k);
        }
    }
};

} // namespace detail

/// Calls `body` once for every element of [first, last), in parallel where somebody is idle and
/// what is left is worth a steal; otherwise it is a serial loop with a poll now and then.
///
/// \param first,last  two integers (their common type is passed to the body), or random-access
///                    iterators (the element is passed). An empty or reversed range does nothing.
/// \param body        callable with one element. Several threads call it at the same time, on
///                    different elements; in which order is not said.
/// \param options     twill::grain(n), twill::at_most(n), twill::at(node), twill::near(pointer),
///                    twill::kind, std::stop_token; in any
/// order.
/// \return nothing; with a token a twill::outcome.
/// \throws whatever `body` threw first in time, after all that had begun has ended; elements that
///         had not begun are dropped.
///
/// Work: n calls. Span: O(log n) splits and the longest call; of more than 64 elements, or with a
/// grain, calls are made in blocks that take about 4 us or have `grain` elements, and the longest
/// block takes the place of the longest call. Thread-safe: callable from any thread and from inside
/// tasks.
///
/// ```cpp
/// std::vector<double> y(1000, 1.0);
/// twill::parallel_for(std::size_t{0}, y.size(), [&](std::size_t i) { y[i] *= 2.0; });
/// twill::parallel_for(y.begin(), y.end(), [](double& element) { element += 1.0; });
/// // y[0] == 3.0, y[999] == 3.0
/// ```
template <class First, class Last, class Body, class... Options>
auto parallel_for(First first, Last last, Body&& body, const Options&... options) {
    detail::check_options<Options...>();
    static_assert(detail::is_sequence<First, Last>,
                  "twill: parallel_for takes two integers or two random-access iterators");
    if constexpr (detail::is_sequence<First, Last>) {
        using argument = typename detail::sequence_of<First, Last>::argument;
        static_assert(std::is_invocable_v<Body&, argument>,
                      "twill: the body of parallel_for must be callable with one element: the "
                      "integer, or what the iterator points to");
        const auto token = detail::find_token(options...);
        const auto minimum = detail::find_grain(options...);
        const detail::for_kernel kernel(detail::make_sequence(first, last),
                                        detail::capture<Body&, argument>(body), token, minimum);
        if (const std::size_t count = detail::count_of(first, last); count > 0) {
            detail::run_where(detail::place_of(first, options...), detail::find_limit(options...),
                              detail::find_kind(options...), kernel, count);
        }
        return detail::conclude(kernel);
    }
}

/// parallel_for over the elements of a random-access range that knows its size.
///
/// \param range    anything with std::ranges::random_access_range and sized_range; it is referred
///                 to and must outlive the call, which a temporary does.
/// \param body     callable with std::ranges::range_reference_t.
/// \param options  twill::grain(n), twill::at_most(n), twill::at(node), twill::near(pointer),
///                    twill::kind, std::stop_token; in any order.
/// \return nothing; with a token a twill::outcome.
/// \throws as parallel_for.
///
/// Work, span and thread-safety: as parallel_for.
///
/// ```cpp
/// std::vector<int> values{3, 1, 2};
/// twill::parallel_for_each(values, [](int& value) { value *= 10; });
/// // values[0] == 30, values[1] == 10, values[2] == 20
/// ```
template <class Range, class Body, class... Options>
auto parallel_for_each(Range&& range, Body&& body, const Options&... options) {
    detail::check_options<Options...>();
    constexpr bool usable =
        std::ranges::random_access_range<Range> && std::ranges::sized_range<Range>;
    static_assert(usable,
                  "twill: parallel_for_each takes a random-access range that knows its size");
    if constexpr (usable) {
        static_assert(std::is_invocable_v<Body&, std::ranges::range_reference_t<Range>>,
                      "twill: the body of parallel_for_each must be callable with one element");
        const auto first = std::ranges::begin(range);
        return parallel_for(
            first,
            first + static_cast<std::ranges::range_difference_t<Range>>(std::ranges::size(range)),
            std::forward<Body>(body), options...);
    }
}

/// Calls `body(begin, end)` for consecutive, non-empty blocks that cover [first, last) exactly
/// once. For bodies that gain from a loop of their own; the blocks grow until one takes some
/// microseconds.
///
/// \param first,last  two integers or two random-access iterators.
/// \param body        callable with the two ends of a block, of the type of the range's ends.
/// \param options     twill::grain(n), twill::at_most(n), twill::at(node), twill::near(pointer),
///                    twill::kind, std::stop_token; in any
/// order. A block
///                    has at least twill::grain elements, unless the whole range has fewer.
/// \return nothing; with a token a twill::outcome.
/// \throws whatever `body` threw first in time, after all blocks that had begun have ended; those
///         that had not begun are dropped.
///
/// Work: at most n calls, whose lengths add up to n. Span: O(log n) splits and the longest call,
/// which is one of about 4 us where a block of one element is shorter. Thread-safe: callable from
/// any thread and from inside tasks.
///
/// ```cpp
/// std::vector<float> x(10'000, 1.0F);
/// twill::parallel_for_blocks(x.begin(), x.end(), [](auto begin, auto end) {
///     for (auto element = begin; element != end; ++element) { *element += 1.0F; }
/// });
/// // x.front() == 2.0F, x.back() == 2.0F
/// ```
template <class First, class Last, class Body, class... Options>
auto parallel_for_blocks(First first, Last last, Body&& body, const Options&... options) {
    detail::check_options<Options...>();
    static_assert(detail::is_sequence<First, Last>,
                  "twill: parallel_for_blocks takes two integers or two random-access iterators");
    if constexpr (detail::is_sequence<First, Last>) {
        const auto bound = [&] {
            if constexpr (detail::integer<First>) {
                return static_cast<std::common_type_t<First, Last>>(first);
            } else {
                return first;
            }
        }();
        using Bound = std::remove_const_t<decltype(bound)>;
        static_assert(std::is_invocable_v<Body&, Bound, Bound>,
                      "twill: the body of parallel_for_blocks must be callable with the two ends "
                      "of a block");
        const auto token = detail::find_token(options...);
        const auto minimum = detail::find_grain(options...);
        const detail::blocks_kernel kernel(bound, detail::capture<Body&, Bound, Bound>(body), token,
                                           minimum);
        if (const std::size_t count = detail::count_of(first, last); count > 0) {
            detail::run_where(detail::place_of(first, options...), detail::find_limit(options...),
                              detail::find_kind(options...), kernel, count);
        }
        return detail::conclude(kernel);
    }
}

} // namespace twill::inline abi_1
