// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// blocking: a section of a task that waits for something else than tasks.

#include "twill/detail/config.hpp"

#include <type_traits>
#include <utility>

namespace twill::inline abi_1 {
namespace detail {

/// The calling thread leaves its task for a while. False if it keeps its worker: it is in no task,
/// or too many threads are away.
TWILL_API TWILL_COLD bool begin_blocking_slow() noexcept;
TWILL_API TWILL_COLD void end_blocking_slow() noexcept;

} // namespace detail

/// Calls `section()` without holding a worker: inside a task, for what waits in the kernel or for
/// other tasks by other means than joins, such as a read from a pipe, a lock that is held for long,
/// or a std::future. Another thread takes the worker over, so that as many tasks run as before; all
/// that the calling thread has forked becomes visible to others. When the section has ended its
/// thread goes on at once, for a moment above the number of workers, and some thread gives up at
/// the end of what it is at. Outside of every task it is a plain call.
///
/// Verbs inside the section work, as on a thread outside, and use the runtime of the task.
///
/// \param section  callable without arguments.
/// \return what `section` returns.
/// \throws what `section` throws.
///
/// About two wake-ups of a thread, some 10 us, if nobody is idle. Up to TWILL_MAX_BLOCKED (1 to
/// 8192, default 2048) threads of a runtime may be in sections at a time; at that number one line
/// on stderr says so, and further sections keep their workers: independent sections then queue,
/// sections that wait for each other must fit. Thread-safe; may be nested.
///
/// ```cpp
/// std::promise<int> promise;
/// std::future<int> answer = promise.get_future();
/// int got = 0;
/// twill::parallel_invoke([&] { got = twill::blocking([&] { return answer.get(); }); },
///                        [&] { promise.set_value(42); });
/// // got == 42
/// ```
template <class Section>
decltype(auto) blocking(Section&& section) {
    static_assert(std::is_invocable_v<Section>,
                  "twill: the section of blocking must be callable without arguments");
    struct scope {
        bool began = detail::begin_blocking_slow();
        scope() noexcept = default;
        ~scope() {
            if (began) {
                detail::end_blocking_slow();
            }
        }
        scope(const scope&) = delete;
        scope& operator=(const scope&) = delete;
    };
    const scope away;
    return std::forward<Section>(section)();
}

} // namespace twill::inline abi_1
