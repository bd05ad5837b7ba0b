// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// What the literature says about how fast a program can be on m workers, and how slow a greedy
/// scheduler may make it: from its work, its span and its longest task.
///
/// ```cpp
/// #include <twill/bounds.hpp>
///
/// using std::chrono::seconds;
/// const auto work = seconds(100);
/// const auto span = seconds(4);
/// const double parallel = twill::parallelism(work, span);
/// // parallel == 25.0
/// const auto at_best = twill::lower_bound(work, seconds(2), span, 8);
/// // at_best == std::chrono::milliseconds(12'500)
/// const auto at_worst = twill::brent_bound(work, span, 8);
/// // at_worst == seconds(16)
/// ```

#include "twill/detail/config.hpp"
#include "twill/detail/library.hpp"

#include <algorithm>
#include <cstdint>

namespace twill::inline abi_1 {

namespace detail {

/// `time`/m for a time that is not negative, rounded up: what is above a bound stays above it.
constexpr std::chrono::nanoseconds shared_by(std::chrono::nanoseconds time, int m) noexcept {
    const std::int64_t workers = m > 0 ? m : 1;
    return std::chrono::nanoseconds((time.count() + workers - 1) / workers);
}

} // namespace detail

/// T1/Tinf: on how many workers a program can be faster than on fewer (Leiserson: The Cilk++
/// concurrency platform, J. Supercomputing 51, 2010).
/// \param work  T1, the useful time of all tasks.
/// \param span  Tinf, the longest chain of tasks that wait for each other; at most the work.
/// \return at least 1; 0 if the span is 0, that is, unknown.
/// Constant time; throws nothing, as all here.
[[nodiscard]] constexpr double parallelism(std::chrono::nanoseconds work,
                                           std::chrono::nanoseconds span) noexcept {
    return span.count() > 0 ? static_cast<double>(work.count()) / static_cast<double>(span.count())
                            : 0;
}

/// L = max(S/m, max e, Tinf): no schedule on m workers of one speed ends before it, whatever the
/// order (Graham: Bounds on multiprocessing timing anomalies, SIAM J. Appl. Math. 17, 1969).
/// \param work     S or T1, the useful time of all tasks.
/// \param longest  max e, that of the longest task that runs on one worker from its begin to its
///                 end; 0 if unknown.
/// \param span     Tinf; 0 if unknown. Without one of the two the result is a bound as well, only a
///                 lower one.
/// \param m        workers, 1 at least.
[[nodiscard]] constexpr std::chrono::nanoseconds lower_bound(std::chrono::nanoseconds work,
                                                             std::chrono::nanoseconds longest,
                                                             std::chrono::nanoseconds span,
                                                             int m) noexcept {
    const std::int64_t workers = m > 0 ? m : 1;
    return std::max({std::chrono::nanoseconds(work.count() / workers), longest, span});
}

/// (T1 - Tinf)/m + Tinf: a greedy scheduler, which leaves no worker idle while a task is ready,
/// ends by then on m workers of one speed (Brent: The parallel evaluation of general arithmetic
/// expressions, J. ACM 21, 1974; for greedy schedulers Graham: Bounds for certain multiprocessing
/// anomalies, Bell System Tech. J. 45, 1966). Work stealing takes a constant times the span in
/// the place of the span, in expectation (Blumofe, Leiserson: Scheduling multithreaded
/// computations by work stealing, J. ACM 46, 1999).
/// \param work  T1.
/// \param span  Tinf, at most the work; it takes a full record to know it.
/// \param m     workers, 1 at least.
[[nodiscard]] constexpr std::chrono::nanoseconds
brent_bound(std::chrono::nanoseconds work, std::chrono::nanoseconds span, int m) noexcept {
    return detail::shared_by(std::max(work - span, std::chrono::nanoseconds(0)), m) + span;
}

/// S/m + (1 - 1/m) max e: a list schedule of tasks that do not wait for each other ends by then on
/// m workers of one speed, in whatever order they begin (Graham 1966).
/// \param work     S, the useful time of all tasks.
/// \param longest  max e, that of the longest.
/// \param m        workers, 1 at least.
[[nodiscard]] constexpr std::chrono::nanoseconds
graham_bound(std::chrono::nanoseconds work, std::chrono::nanoseconds longest, int m) noexcept {
    return brent_bound(work, longest, m);
}

} // namespace twill::inline abi_1
