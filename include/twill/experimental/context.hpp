// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// The explicit form of fork and join: callables take a context, which is where the thread's list
/// of forks ends. It travels in a register, so a fork neither loads nor stores what the plain form
/// keeps in thread-local storage: of four stores two are left. For recursions whose tasks are a few
/// nanoseconds long; elsewhere the plain verbs are as good. Experimental: it may change with any
/// version, and twill.hpp does not include it.
///
/// A context stays right for as long as the call that was given it. A strand never changes its
/// thread: a join that has to wait does so on the stack that it was called on, whether the thread
/// runs descendants of the missing task meanwhile or hands its place over and sleeps, and what it
/// runs meanwhile has an empty list of its own. And when a verb returns, all that was forked since
/// it was called has been joined, so the list ends where it ended before. A stolen task runs on the
/// thief, and its callable is given the thief's context.

#include "twill/detail/capture.hpp"
#include "twill/detail/config.hpp"
#include "twill/detail/fork.hpp"
#include "twill/detail/hot_state.hpp"
#include "twill/detail/job.hpp"
#include "twill/detail/own_list.hpp"
#include "twill/options.hpp"
#include "twill/parallel_invoke.hpp"

#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>

namespace twill::inline abi_1 {

namespace detail {
struct context_access;
} // namespace detail

namespace experimental {

/// Where the calling strand's list of forks ends. One pointer, to be passed by value.
///
/// Made by run(), and given anew to every callable. A callable uses the context that it was given
/// itself: not that of a callable around it, not in another thread, not in the callables of a plain
/// verb and not in a blocking section (as_plain() and run() lead there and back). Without NDEBUG a
/// use of it where it does not belong ends the program with a line on stderr. It need not be
/// stored: run() makes one at any time.
class context {
    friend struct detail::context_access;
    explicit context(detail::job* newest) noexcept : newest_(newest) {}
    detail::job* newest_;
};

static_assert(std::is_trivially_copyable_v<context> && sizeof(context) == sizeof(void*));

} // namespace experimental

namespace detail {

using experimental::context;

struct context_access {
    TWILL_INLINE static context make(job* newest) noexcept { return context(newest); }
    TWILL_INLINE static job* newest(context from) noexcept { return from.newest_; }
};

// Between forks of this form hot_state::tail is an older end of the list: that which it had when
// the context was made. The jobs from there on are live, and known to their forks alone.
// Invariant: whoever changes it puts it back before the callable that was given the context goes
// on. So what it names is live whenever plain code reads it, and never newer than the context.

/// For its lifetime the list is known as it is, as between plain forks: for cold code and plain
/// verbs.
class known_list {
public:
    TWILL_INLINE explicit known_list(job* newest) noexcept : older_(hot().tail) {
        hot().tail = newest;
    }
    TWILL_INLINE ~known_list() { hot().tail = older_; }
    known_list(const known_list&) = delete;
    known_list& operator=(const known_list&) = delete;

private:
    job* older_;
};

/// A held callable of this form. With `Explicit` it takes the context; else it takes nothing and is
/// plain code.
template <class Held, bool Explicit>
struct in_context {
    Held held;

    TWILL_INLINE decltype(auto) operator()(context given) const {
        if constexpr (Explicit) {
            return held(given);
        } else {
            const known_list list(context_access::newest(given));
            return held();
        }
    }
    /// As plain verbs, cold code and thieves call it: with the list known.
    TWILL_INLINE decltype(auto) operator()() const {
        if constexpr (Explicit) {
            return held(context_access::make(hot().tail));
        } else {
            return held();
        }
    }
};

template <class Callable>
TWILL_INLINE auto hold_in_context(std::remove_reference_t<Callable>& callable) noexcept {
    if constexpr (std::is_invocable_v<Callable, context>) {
        return in_context<captured<Callable, context>, true>{capture<Callable, context>(callable)};
    } else {
        return in_context<captured<Callable>, false>{capture<Callable>(callable)};
    }
}

/// An argument of the explicit verb as the plain one takes it.
template <class Argument>
TWILL_INLINE decltype(auto)
as_plain_argument(std::remove_reference_t<Argument>& argument) noexcept {
    if constexpr (is_option<Argument>) {
        return static_cast<Argument&&>(argument);
    } else {
        return hold_in_context<Argument&&>(argument);
    }
}

template <class Held, bool Explicit>
TWILL_INLINE value_of<in_context<Held, Explicit>>
call_with(const in_context<Held, Explicit>& callable, context given) {
    if constexpr (std::is_void_v<decltype(callable(given))>) {
        callable(given);
        return {};
    } else {
        return callable(given);
    }
}

template <class Second>
[[noreturn]] TWILL_COLD void first_threw_in_context(forked_job<Second>& second) {
    const known_list list(&second);
    first_threw(second);
}

template <class Second>
TWILL_COLD value_of<Second> join_marked_in_context(forked_job<Second>& second) {
    const known_list list(&second);
    return join_marked(second);
}

template <class First, class Second>
TWILL_COLD both<value_of<First>, value_of<Second>> fork_in_context_slow(forked_job<Second>& second,
                                                                        const First first) {
    const known_list list(&second);
    return fork_slow<First, Second>(second, first);
}

template <class First, class Second>
TWILL_INLINE value_of<First> call_first_in_context(const First& first, forked_job<Second>& second) {
    TWILL_TRY { return call_with(first, context_access::make(&second)); }
    TWILL_CATCH_ALL { first_threw_in_context(second); }
}

/// The fast path: two stores, one compare, one predicted branch; at the join a test and a branch.
template <bool FromJob, class First, class Second>
TWILL_INLINE both<value_of<First>, value_of<Second>>
fork_in_context_here(context given, const First& first, const Second& second) {
    forked_job<Second> forked;
    begin_job_after(forked, context_access::newest(given), forked_job<Second>::entry);
    store_closure(forked.callable, second);
    if (poll_below(&forked, hot().limit)) {
        return fork_in_context_slow<First, Second>(forked, first);
    }
    value_of<First> value = call_first_in_context(first, forked);
    const std::uintptr_t link = forked.link;
    if (__builtin_expect((link & mark_bit) != 0, 0)) {
        return {std::move(value), join_marked_in_context(forked)};
    }
    const context before = context_access::make(reinterpret_cast<job*>(link));
    if constexpr (FromJob) {
        const Second mine = forked.callable;
        return {std::move(value), call_with(mine, before)};
    } else {
        return {std::move(value), call_with(second, before)};
    }
}

template <class First, class Second>
[[gnu::noinline, gnu::aligned(64)]] both<value_of<First>, value_of<Second>>
fork_in_context_apart(context given, const First first, const Second second) {
    return fork_in_context_here<true>(given, first, second);
}

template <class Callable>
inline constexpr bool refers_to_callable = false;
template <class Held, bool Explicit>
inline constexpr bool refers_to_callable<in_context<Held, Explicit>> = is_referred<Held>;

/// As fork() in fork.hpp, which says why.
template <class First, class Second>
TWILL_INLINE both<value_of<First>, value_of<Second>>
fork_in_context(context given, const First& first, const Second& second) {
#if defined(__clang__)
    if constexpr (sizeof(First) <= 16 && sizeof(Second) <= 16 && !refers_to_callable<First> &&
                  !refers_to_callable<Second>) {
        return fork_in_context_apart<First, Second>(given, first, second);
    }
#endif
    return fork_in_context_here < best_from_job<Second> &&
           !refers_to_callable < Second >> (given, first, second);
}

template <class First, class Second>
TWILL_INLINE auto invoke_both_in_context(context given, const First& first, const Second& second) {
    if constexpr (all_void<First, Second>) {
        fork_in_context<First, Second>(given, first, second);
    } else {
        auto values = fork_in_context<First, Second>(given, first, second);
        return std::tuple<value_of<First>, value_of<Second>>(std::move(values.first),
                                                             std::move(values.second));
    }
}

} // namespace detail

namespace experimental {

/// Calls `body(context)` as a task on the calling thread: the way into the explicit form, from
/// outside or from inside of any task. From outside it takes a place for the time of the call, as
/// any verb does.
///
/// \param body  a callable that takes a context.
/// \return what `body` returns.
/// \throws what `body` throws.
///
/// Thread-safe. Inside of a task it costs a load and a branch.
///
/// ```cpp
/// #include <twill/experimental/context.hpp>
/// using twill::experimental::context;
/// auto [a, b] = twill::experimental::run([](context c) {
///     return twill::experimental::parallel_invoke(c, [](context) { return 20; },
///                                                 [](context) { return 22; });
/// });
/// // a + b == 42
/// ```
template <class Body>
TWILL_INLINE decltype(auto) run(Body&& body) {
    static_assert(std::is_invocable_v<Body, context>,
                  "twill: experimental::run takes a callable that takes a context");
    struct visit {
        bool entered = detail::outside();
        visit() noexcept {
            if (entered) {
                detail::enter_slow();
            }
        }
        ~visit() {
            if (entered) {
                detail::leave_slow();
            }
        }
        visit(const visit&) = delete;
        visit& operator=(const visit&) = delete;
    };
    const visit inside;
    return std::forward<Body>(body)(detail::context_access::make(detail::hot().tail));
}

/// twill::parallel_invoke with a context: the same callables' values, exceptions, options and early
/// ends, work and span.
///
/// \param here       the context that the calling callable was given.
/// \param arguments  callables, then options, as for twill::parallel_invoke. A callable takes a
///                   context, by value; or nothing, and is then plain code as in as_plain(). One
///                   that could be called either way is given the context.
/// \return and \throws as twill::parallel_invoke.
///
/// Two callables without options are the fork that this form is about. More, and those with
/// options, cost what they cost with the plain verb.
///
/// A plain verb that is called in here without as_plain() is right in all that it does and returns.
/// But the forks that the callables around it have made with a context are unknown to it, but for
/// those that somebody had asked for before: while it runs, or waits, it offers its own tasks to
/// others and not those. So is a group's wait, a future's, and blocking(): a task that waits for a
/// sibling by other means than a join must do so in as_plain(), or nobody else may begin that
/// sibling.
template <class... Arguments>
TWILL_INLINE auto parallel_invoke(context here, Arguments&&... arguments) {
    constexpr std::size_t count = detail::count_callables<Arguments...>();
    constexpr bool right =
        count > 0 && detail::options_trail<Arguments...>() &&
        ((detail::is_option<Arguments> || std::is_invocable_v<Arguments, context> ||
          std::is_invocable_v<Arguments>) &&
         ...);
    static_assert(right, "twill: experimental::parallel_invoke takes a context, then callables "
                         "that take a context or nothing, then options");
    if constexpr (right) {
        detail::check_own_list(detail::context_access::newest(here));
        if constexpr (count == 2 && sizeof...(Arguments) == 2) {
            return detail::invoke_both_in_context(
                here, detail::hold_in_context<Arguments&&>(arguments)...);
        } else {
            const detail::known_list list(detail::context_access::newest(here));
            return twill::parallel_invoke(detail::as_plain_argument<Arguments>(arguments)...);
        }
    }
}

/// Calls `body()` as plain code: all that has been forked with contexts is known to the plain verbs
/// and waits in there, as if it had been forked by plain verbs. run() leads back.
///
/// \param here  the context that the calling callable was given.
/// \param body  a callable without parameters.
/// \return what `body` returns.
/// \throws what `body` throws.
///
/// A load and two stores.
///
/// ```cpp
/// #include <twill/experimental/context.hpp>
/// using twill::experimental::context;
/// std::vector<int> hits(1000);
/// twill::experimental::run([&](context c) {
///     twill::experimental::as_plain(c, [&] {
///         twill::parallel_for_each(hits, [](int& hit) { hit = 1; });
///     });
/// });
/// // std::accumulate(hits.begin(), hits.end(), 0) == 1000
/// ```
template <class Body>
TWILL_INLINE decltype(auto) as_plain(context here, Body&& body) {
    static_assert(
        std::is_invocable_v<Body>,
        "twill: experimental::as_plain takes a context and a callable without parameters");
    detail::check_own_list(detail::context_access::newest(here));
    const detail::known_list list(detail::context_access::newest(here));
    return std::forward<Body>(body)();
}

} // namespace experimental

} // namespace twill::inline abi_1
