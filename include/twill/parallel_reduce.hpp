// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// parallel_reduce: a loop whose elements add up to one value. It splits as parallel_for does, and
/// combines the totals of neighbouring pieces only, as scans and folds over monoids have always
/// been split (Blelloch: Prefix sums and their applications, 1990).

#include "twill/detail/kernel.hpp"
#include "twill/detail/placed.hpp"

#include <concepts>
#include <optional>
#include <type_traits>
#include <utility>

namespace twill::inline abi_1 {
namespace detail {

/// The total of a piece. A value that is cheap to copy starts as the identity; any other starts as
/// nothing and takes its first element over, so that it need not be copied at all.
template <class Value>
inline constexpr bool starts_as_identity =
    std::is_trivially_copyable_v<Value> && std::copyable<Value> && sizeof(Value) <= 16;

/// A total that begins as nothing. Values that cannot be assigned are constructed anew.
template <class Value>
struct late_total : std::optional<Value> {
    using std::optional<Value>::optional;
    late_total(late_total&&) = default;
    TWILL_INLINE late_total&
    operator=(late_total&& later) noexcept(std::is_nothrow_move_constructible_v<Value>) {
        this->reset();
        if (later.has_value()) {
            this->emplace(std::move(*later));
        }
        return *this;
    }
    ~late_total() = default;
};

template <class Sequence, class Value, class Map, class Combine>
struct reduce_body {
    Sequence sequence;
    [[no_unique_address]] Map map;
    [[no_unique_address]] Combine combine;

    TWILL_INLINE void run_one(Value& sum, std::size_t k) const {
        sum = combine(std::move(sum), static_cast<Value>(map(sequence.at(k))));
    }
    TWILL_INLINE void run_one(std::optional<Value>& sum, std::size_t k) const {
        add(sum, static_cast<Value>(map(sequence.at(k))));
    }
    TWILL_INLINE void add(std::optional<Value>& into, Value&& value) const {
        if (into.has_value()) {
            Value sum = combine(std::move(*into), std::move(value));
            into.emplace(std::move(sum));
        } else {
            into.emplace(std::move(value));
        }
    }
};

template <class Sequence, class Value, class Map, class Combine, class Token, class Grain>
struct reduce_kernel : kernel_base<Token, Grain> {
    static constexpr bool by_element = true;
    static constexpr bool plain = starts_as_identity<Value>;
    using accumulator = std::conditional_t<
        plain, Value,
        std::conditional_t<std::movable<Value>, std::optional<Value>, late_total<Value>>>;

    Value identity;
    reduce_body<Sequence, Value, Map, Combine> body;

    template <class Identity>
    TWILL_INLINE reduce_kernel(const Sequence& over, Identity&& neutral, const Map& one,
                               const Combine& two, const Token& stop, const Grain& least)
        : kernel_base<Token, Grain>(stop, least), identity(std::forward<Identity>(neutral)),
          body{over, one, two} {}

    [[nodiscard]] TWILL_INLINE accumulator start() const noexcept {
        if constexpr (plain) {
            return identity;
        } else {
            return std::nullopt;
        }
    }
    TWILL_INLINE void merge(accumulator& into, accumulator&& later) const {
        if constexpr (plain) {
            into = body.combine(std::move(into), std::move(later));
        } else if (later.has_value()) {
            body.add(into, std::move(*later));
        }
    }
    TWILL_INLINE void run(accumulator& total, std::size_t begin, std::size_t end) const {
        const reduce_body one = body; // nothing that map writes can alias it
        if constexpr (plain) {
            Value sum = total;
            for (std::size_t k = begin; k < end; ++k) {
                one.run_one(sum, k);
            }
            total = sum;
        } else {
            for (std::size_t k = begin; k < end; ++k) {
                one.run_one(total, k);
            }
        }
    }
    TWILL_INLINE void run_one(accumulator& total, std::size_t k) const { body.run_one(total, k); }
};

} // namespace detail

/// Adds up map(element) over [first, last) by an associative operation, keeping the order of the
/// elements: `combine` need not be commutative.
///
/// \param first,last  two integers or two random-access iterators, as in parallel_for.
/// \param identity    the result of an empty range, and neutral for `combine`; its type is the
///                    type of the result. It need not be copied unless it is small and trivial.
/// \param map         callable with one element; gives one value, convertible to the result.
/// \param combine     callable with two values, the one of the earlier elements first; associative.
///                    How the elements are bracketed is not said and may differ from run to run.
/// \param options     twill::grain(n), twill::at_most(n), twill::kind, std::stop_token; in any
/// order. With a
///                    limit the range is cut into as many parts of equal counts, which are not
///                    split further (into 64 for each worker if the limit is higher).
/// \return the total; with a token a std::optional of it, empty if something was not begun.
/// \throws whatever `map` or `combine` threw first in time, after all that had begun has ended.
///
/// Work: n calls of `map`; of `combine` O(n). Span: O(log n) splits and combinations and the
/// longest call or block, as in parallel_for. Thread-safe: callable from any thread and from inside
/// tasks.
///
/// ```cpp
/// const long sum = twill::parallel_reduce(
///     1, 101, 0L, [](int i) { return long{i} * i; }, [](long a, long b) { return a + b; });
/// // sum == 338350
/// ```
template <class First, class Last, class Identity, class Map, class Combine, class... Options>
auto parallel_reduce(First first, Last last, Identity&& identity, Map&& map, Combine&& combine,
                     const Options&... options) {
    detail::check_options<Options...>();
    static_assert(detail::is_sequence<First, Last>,
                  "twill: parallel_reduce takes two integers or two random-access iterators");
    if constexpr (detail::is_sequence<First, Last>) {
        using Value = std::decay_t<Identity>;
        using Sequence = detail::sequence_of<First, Last>;
        using argument = typename Sequence::argument;
        constexpr bool map_fits = std::is_invocable_v<Map&, argument>;
        constexpr bool combine_fits = std::is_invocable_v<Combine&, Value, Value>;
        static_assert(map_fits || !std::is_invocable_v<Combine&, argument> ||
                          !std::is_invocable_v<Map&, Value, Value>,
                      "twill: parallel_reduce: map and combine are swapped: the map of one element "
                      "comes before the combination of two values");
        static_assert(map_fits,
                      "twill: the map of parallel_reduce must be callable with one element");
        static_assert(combine_fits, "twill: the combine of parallel_reduce must be callable with "
                                    "two values of the type of the identity");
        if constexpr (map_fits && combine_fits) {
            using mapped = std::invoke_result_t<Map&, argument>;
            using combined = std::invoke_result_t<Combine&, Value, Value>;
            static_assert(std::is_convertible_v<mapped, Value> &&
                              std::is_convertible_v<combined, Value>,
                          "twill: what map and combine of parallel_reduce return must convert to "
                          "the type of the identity");
            const auto token = detail::find_token(options...);
            const auto minimum = detail::find_grain(options...);
            using Token = std::remove_const_t<decltype(token)>;
            using Grain = std::remove_const_t<decltype(minimum)>;
            using Kernel =
                detail::reduce_kernel<Sequence, Value, detail::captured<Map&, argument>,
                                      detail::captured<Combine&, Value, Value>, Token, Grain>;
            Kernel kernel(detail::make_sequence(first, last), std::forward<Identity>(identity),
                          detail::capture<Map&, argument>(map),
                          detail::capture<Combine&, Value, Value>(combine), token, minimum);
            typename Kernel::accumulator total = kernel.start();
            if (const std::size_t count = detail::count_of(first, last); count > 0) {
                total = detail::run_where(detail::place_of(first, options...),
                                          detail::find_limit(options...),
                                          detail::find_kind(options...), kernel, count);
            }
            const bool all = kernel.control.finish();
            const auto value = [&]() -> Value {
                if constexpr (Kernel::plain) {
                    return total;
                } else {
                    return total.has_value() ? std::move(*total) : std::move(kernel.identity);
                }
            };
            if constexpr (detail::has_token<Options...>) {
                return all ? std::optional<Value>(value()) : std::optional<Value>();
            } else {
                (void)all;
                return value();
            }
        }
    }
}

} // namespace twill::inline abi_1
