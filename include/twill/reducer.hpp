// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// reducer: a value that all tasks of a verb add to, as if they ran one after the other.
///
/// Frigo, Halpern, Leiserson, Lewin-Berlin: Reducers and other Cilk++ hyperobjects (SPAA 2009).

#include "twill/detail/config.hpp"
#include "twill/detail/hot_state.hpp"
#include "twill/detail/library.hpp"
#include "twill/detail/views.hpp"

#include <concepts>
#include <limits>
#include <type_traits>
#include <utility>

namespace twill::inline abi_1 {

/// Ready-made operations for reducer.
namespace monoids {

/// Addition by `+`, from `T{}` on.
template <class T>
struct sum {
    using value_type = T;
    [[nodiscard]] static T identity() { return T{}; }
    static void combine(T& earlier, T&& later) {
        earlier = static_cast<T>(std::move(earlier) + std::move(later));
    }
};

/// The smallest by `<`, of equal ones the earliest; of none the largest value that there is.
template <class T>
struct min {
    static_assert(std::numeric_limits<T>::is_specialized,
                  "twill: monoids::min needs the largest value of T from std::numeric_limits");
    using value_type = T;
    [[nodiscard]] static T identity() noexcept {
        return std::numeric_limits<T>::has_infinity ? std::numeric_limits<T>::infinity()
                                                    : std::numeric_limits<T>::max();
    }
    static void combine(T& earlier, T&& later) {
        if (later < earlier) {
            earlier = std::move(later);
        }
    }
};

/// The largest by `<`, of equal ones the earliest; of none the smallest value that there is.
template <class T>
struct max {
    static_assert(std::numeric_limits<T>::is_specialized,
                  "twill: monoids::max needs the smallest value of T from std::numeric_limits");
    using value_type = T;
    [[nodiscard]] static T identity() noexcept {
        return std::numeric_limits<T>::has_infinity ? -std::numeric_limits<T>::infinity()
                                                    : std::numeric_limits<T>::lowest();
    }
    static void combine(T& earlier, T&& later) {
        if (earlier < later) {
            earlier = std::move(later);
        }
    }
};

/// Concatenation of containers such as std::vector, std::string or std::list, from an empty one on.
template <class Container>
struct append {
    using value_type = Container;
    [[nodiscard]] static Container identity() { return Container(); }
    static void combine(Container& earlier, Container&& later) {
        if (earlier.empty()) {
            earlier = std::move(later);
        } else if constexpr (requires { earlier.splice(earlier.end(), later); }) {
            earlier.splice(earlier.end(), later);
        } else if constexpr (requires { earlier.append(later); }) {
            earlier.append(later);
        } else {
            earlier.insert(earlier.end(), std::make_move_iterator(later.begin()),
                           std::make_move_iterator(later.end()));
        }
    }
};

} // namespace monoids

namespace detail {

template <class Monoid>
concept monoid = requires(const Monoid& operation, typename Monoid::value_type& earlier) {
    { operation.identity() } -> std::convertible_to<typename Monoid::value_type>;
    operation.combine(earlier, std::move(earlier));
};

template <class T>
struct view_node : view {
    T value;

    template <class Make>
    explicit view_node(const Make& make) : value(make()) {}
};

} // namespace detail

/// A value that the tasks of a verb add to without a lock, and that comes out as if they had run
/// one after the other, in the order of the serial program. The operation must be associative and
/// need not be commutative: lists keep their order.
///
/// Each strand of tasks that has begun on another thread adds to a *view* of its own, which begins
/// as the identity. Where the tasks are joined, the view of the later one is combined into that of
/// the earlier one. How the operations are bracketed depends on who was idle, so a sum of
/// floating-point numbers may differ in its last digits from run to run.
///
/// \tparam Monoid  has `value_type`, a movable object type; `identity()`, callable through const,
///                 which is neutral; and `combine(earlier, later)`, callable through const, which
///                 puts the value `later`, an rvalue, to the right of `earlier` in place. Both are
///                 called by several threads at the same time. Ready-made: monoids::sum, min, max
///                 and append, for which sum_reducer and so on are shorter names.
///
/// Inside of a verb view() is what has been added since the strand began, and in the strand that
/// made the reducer, where nothing is forked, all of it. After the outermost verb it is all of it.
///
/// Tasks of a group and submissions have no place in that order. What they add comes, also where
/// the operation is not commutative, in some order: of a group by the end of its wait(), of a
/// submission when its future is waited for (get(), wait(), a wait_for() that returns true) or
/// destroyed, and then as if the strand that does so had added it.
///
/// Costs: view() takes a few nanoseconds. A fork that nobody takes costs nothing; one that is taken
/// costs a view, made at its first use, and one combination at the join.
///
/// Thread-safety: view() may be called on any thread inside of verbs, also of several verbs from
/// different threads, whose results then come in the order in which the verbs end. Outside of verbs
/// the reducer is a plain value; nobody may touch it while a verb that uses it runs elsewhere.
/// A reducer must outlive the verbs that use it, or be local to a task of them: to destroy it
/// sooner ends the program with a line.
///
/// Exceptions: what a combination throws is kept, the first one, and thrown by view() and take() of
/// whoever calls them without a view, as after the verb. The value then means nothing any more.
/// What a task that threw had added before that stays added.
///
/// ```cpp
/// twill::append_reducer<std::vector<int>> primes;
/// twill::parallel_for(2, 30, [&](int n) {
///     bool prime = true;
///     for (int d = 2; d * d <= n; ++d) { prime = prime && n % d != 0; }
///     if (prime) { primes->push_back(n); }
/// });
/// // primes->size() == 10, primes->at(0) == 2, primes->at(9) == 29
/// ```
template <class Monoid>
class reducer final : detail::reducer_base {
    static_assert(detail::monoid<Monoid>,
                  "twill: reducer<Monoid>: Monoid needs value_type, identity() and "
                  "combine(value_type& earlier, value_type&& later), callable through const");
    static_assert(std::movable<typename Monoid::value_type>,
                  "twill: reducer<Monoid>: Monoid::value_type must be movable");

public:
    using value_type = typename Monoid::value_type;

    /// Begins with the identity. O(1); throws what `identity()` throws.
    reducer()
        requires std::default_initializable<Monoid>
        : reducer(Monoid()) {}

    /// The same, with a monoid that has a state.
    explicit reducer(Monoid monoid)
        : monoid_(std::move(monoid)), base_([this] { return identity(); }) {
        set_base(base_);
    }

    /// Begins with a value, to which everything is added on the right.
    ///
    /// ```cpp
    /// twill::sum_reducer<long> sum(1000);
    /// twill::parallel_for(1, 101, [&](int i) { *sum += i; });
    /// const long total = *sum;
    /// // total == 6050
    /// ```
    ///
    /// \throws what `identity()` and a move throw; inside of a verb std::bad_alloc.
    explicit reducer(value_type initial, Monoid monoid = Monoid())
        : monoid_(std::move(monoid)),
          base_([&] { return detail::in_no_task() ? std::move(initial) : identity(); }) {
        set_base(base_);
        if (!detail::in_no_task()) {
            // What this strand adds goes to its right, and the base value is no strand's.
            make_view([&] { return std::move(initial); });
        }
    }

    ~reducer() { end_use(); }

    /// The value that the running strand adds to; outside of every verb the reducer's own. O(1); a
    /// first call in a strand allocates and calls `identity()`.
    ///
    /// \return valid until the strand ends (the end of the task, at the earliest), and outside of
    ///         every verb as long as the reducer. A verb may be called meanwhile.
    /// \throws std::bad_alloc, what `identity()` throws, and what a combination has thrown.
    ///
    /// ```cpp
    /// twill::max_reducer<int> largest;
    /// twill::parallel_for(0, 1000, [&](int i) {
    ///     int& seen = largest.view();
    ///     seen = std::max(seen, i * 7919 % 1000);
    /// });
    /// const int value = *largest;
    /// // value == 999
    /// ```
    [[nodiscard]] value_type& view() {
        if (detail::view* mine = find(); __builtin_expect(mine != nullptr, 1)) {
            return static_cast<node*>(mine)->value;
        }
        return view_slow();
    }
    [[nodiscard]] value_type& operator*() { return view(); }
    [[nodiscard]] value_type* operator->() { return __builtin_addressof(view()); }

    /// Moves the value of view() out and leaves the identity in its place.
    ///
    /// ```cpp
    /// twill::append_reducer<std::string> line;
    /// twill::parallel_for('a', 'f', [&](char c) { line->push_back(c); });
    /// const std::string text = line.take();
    /// // text == "abcde", line->empty() == true
    /// ```
    [[nodiscard]] value_type take() {
        value_type& mine = view();
        value_type neutral = identity();
        value_type taken = std::move(mine);
        mine = std::move(neutral);
        return taken;
    }

private:
    using node = detail::view_node<value_type>;

    [[nodiscard]] value_type identity() const { return monoid_.identity(); }

    TWILL_COLD value_type& view_slow() {
        detail::view* mine = look_up();
        if (mine == nullptr) {
            mine = make_view([this] { return identity(); });
        }
        return static_cast<node*>(mine)->value;
    }

    template <class Make>
    detail::view* make_view(const Make& make) {
        struct owner {
            node* held;
            ~owner() { delete held; }
        } made{new node(make)};
        add(*made.held);
        return std::exchange(made.held, nullptr);
    }

    void combine(detail::view& earlier, detail::view& later) override {
        monoid_.combine(static_cast<node&>(earlier).value,
                        std::move(static_cast<node&>(later).value));
    }
    void destroy(detail::view* one) noexcept override { delete static_cast<node*>(one); }

    [[no_unique_address]] Monoid monoid_;
    node base_;
};

template <class T>
using sum_reducer = reducer<monoids::sum<T>>;
template <class T>
using min_reducer = reducer<monoids::min<T>>;
template <class T>
using max_reducer = reducer<monoids::max<T>>;
template <class Container>
using append_reducer = reducer<monoids::append<Container>>;

} // namespace twill::inline abi_1
