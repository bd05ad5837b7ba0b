// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// The fork of two callables: a job for the second on the caller's own stack, a call of the first,
/// and a direct call of the second unless somebody took it.

#include "twill/detail/capture.hpp"
#include "twill/detail/clock.hpp"
#include "twill/detail/config.hpp"
#include "twill/detail/hot_state.hpp"
#include "twill/detail/job.hpp"
#include "twill/detail/slow_path.hpp"

#include <cstdint>
#include <exception>
#include <utility>

namespace twill::inline abi_1::detail {

/// What a fork returns inside the runtime: unlike std::tuple it travels in registers.
template <class First, class Second>
struct both {
    First first;
    Second second;
};

/// What a job threw, and when in ticks.
struct failure {
    std::exception_ptr what;
    std::uint64_t when;
};

/// The job of the second callable. The union holds the closure until the job begins, then its
/// value or what it threw.
template <class Callable>
struct forked_job : job {
    using value_type = value_of<Callable>;

    union {
        Callable callable;
        value_type value;
        failure failed;
    };

    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): a fork pays for no more stores
    TWILL_INLINE forked_job() noexcept {}
    TWILL_INLINE ~forked_job() {}
    forked_job(const forked_job&) = delete;
    forked_job& operator=(const forked_job&) = delete;

    /// Runs on the thief.
    static void run_stolen(job* stolen) noexcept {
        auto* self = static_cast<forked_job*>(stolen);
        const Callable mine = self->callable;
        job_end end = job_end::returned;
        TWILL_TRY { new (__builtin_addressof(self->value)) value_type(call(mine)); }
        TWILL_CATCH_ALL {
            new (__builtin_addressof(self->failed)) failure{std::current_exception(), ticks()};
            end = job_end::threw;
        }
        finish_slow(self, end);
    }

    /// In memory, for begin_job().
    static constexpr void (*entry)(job*) noexcept = &run_stolen;

    /// Moves the value out of a job that returned.
    value_type take_value() {
        value_guard guard{this};
        return std::move(value);
    }

    /// Moves the exception out of a job that threw.
    failure take_failure() noexcept {
        failure taken = std::move(failed);
        failed.~failure();
        return taken;
    }

private:
    struct value_guard {
        forked_job* self;
        ~value_guard() { self->value.~value_type(); }
    };
};

/// The first callable threw while its exception is being handled: the second is dropped if it has
/// not begun and awaited if it has, and whichever threw first in time goes on.
template <class Second>
[[noreturn]] TWILL_COLD void first_threw(forked_job<Second>& second) {
#if defined(__cpp_exceptions)
    const std::uint64_t failed_at = ticks();
    const bool dropped = !joins_slowly(second) || join_slow(&second);
    hot().tail = older_than(second);
    if (!dropped) {
        if (end_of(second) == job_end::threw) {
            failure other = second.take_failure();
            if (other.when < failed_at) {
                std::rethrow_exception(std::move(other.what));
            }
        } else {
            second.take_value();
        }
    }
    throw;
#else
    (void)second;
    std::terminate();
#endif
}

/// Calls the first callable; its exception leaves only after the second is settled.
template <class First, class Second>
TWILL_INLINE value_of<First> call_first(const First& first, forked_job<Second>& second) {
    TWILL_TRY { return call(first); }
    TWILL_CATCH_ALL { first_threw(second); }
}

/// Joins a job that is marked or recorded: runs it after all, or takes over what it left.
template <class Second>
TWILL_COLD value_of<Second> join_marked(forked_job<Second>& second) {
    if (join_slow(&second)) {
        const Second mine = second.callable;
        hot().tail = older_than(second);
        return call(mine);
    }
    hot().tail = older_than(second);
#if defined(__cpp_exceptions)
    if (end_of(second) == job_end::threw) {
        std::rethrow_exception(second.take_failure().what);
    }
#endif
    return second.take_value();
}

/// The fork as a whole for the case that the poll wants attention. One outlined copy: a call of a
/// small cold function in the middle of the fast path would cost it registers.
template <class First, class Second>
TWILL_COLD both<value_of<First>, value_of<Second>> fork_slow(forked_job<Second>& second,
                                                             const First first) {
    struct visit {
        bool entered;
        ~visit() {
            if (entered) {
                leave_slow();
            }
        }
    } guard{fork_poll_slow(&second)};
    // Braced initialisers run from left to right.
    return {call_first(first, second), joins_slowly(second) ? join_marked(second) : [&second] {
                const Second mine = second.callable;
                hot().tail = older_than(second);
                return call(mine);
            }()};
}

/// The fast path: three stores, one compare, one predicted branch; at the join one more of each.
/// `FromJob`: the second closure is taken back from the job, so that no other copy must be kept.
template <bool FromJob, class First, class Second>
TWILL_INLINE both<value_of<First>, value_of<Second>> fork_here(const First& first,
                                                               const Second& second) {
    forked_job<Second> forked;
    hot_state& self = hot();
    begin_job(forked, self.tail, forked_job<Second>::entry);
    store_closure(forked.callable, second);
    self.tail = &forked;
    if (poll_below(&forked, self.limit)) {
        return fork_slow<First, Second>(forked, first);
    }
    value_of<First> value = call_first(first, forked);
    const std::uintptr_t link = forked.link;
    if (__builtin_expect((link & mark_bit) != 0, 0)) {
        return {std::move(value), join_marked(forked)};
    }
    if constexpr (FromJob) {
        const Second mine = forked.callable;
        hot().tail = reinterpret_cast<job*>(link);
        return {std::move(value), call(mine)};
    } else {
        hot().tail = reinterpret_cast<job*>(link);
        return {std::move(value), call(second)};
    }
}

/// The same as a function of its own, aligned to a line: under clang the user's function then
/// inlines into the fork, and a leaf of a recursion costs no call at all.
template <class First, class Second>
[[gnu::noinline, gnu::aligned(64)]] both<value_of<First>, value_of<Second>>
fork_apart(const First first, const Second second) {
    return fork_here<true>(first, second);
}

/// Whether a closure is better taken back from the job than kept. One of several words that returns
/// nothing most likely holds references: its targets are in the frame, where the compiler finds
/// them without a copy. So is a callable that is referred to.
template <class Callable>
inline constexpr bool best_from_job =
    !is_referred<Callable> &&
    !(sizeof(Callable) > sizeof(void*) && std::is_void_v<std::invoke_result_t<const Callable&>>);

template <class First, class Second>
TWILL_INLINE both<value_of<First>, value_of<Second>> fork(const First& first,
                                                          const Second& second) {
#if defined(__clang__)
    // What is referred to would have to be put together in memory for a call.
    if constexpr (sizeof(First) <= 16 && sizeof(Second) <= 16 && !is_referred<First> &&
                  !is_referred<Second>) {
        return fork_apart<First, Second>(first, second);
    }
#endif
    return fork_here<best_from_job<Second>>(first, second);
}

} // namespace twill::inline abi_1::detail
