// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// How many workers there are, and which of them runs the caller.

#include "twill/detail/hot_state.hpp"

namespace twill::inline abi_1 {

/// The number of workers of the runtime that the calling thread works for, outside of the default
/// runtime: TWILL_WORKERS, else what the affinity mask and the CPU quotas of all ancestor cgroups
/// allow; from 1 to 4096. The answer does not change while the process runs.
///
/// Starts nothing. O(1) after the first call, which reads the environment and some small files.
/// Throws nothing. Thread-safe.
///
/// ```cpp
/// const int workers = twill::worker_count();
/// // workers >= 1, workers <= 4096
/// ```
[[nodiscard]] TWILL_API int worker_count() noexcept;

/// The number of the worker that runs the caller, in [0, worker_count()), or -1 outside of every
/// verb. A task never changes threads, but the number may be another one after a join, and for a
/// moment two threads may report the same: what is kept by this number needs atomics or a lock.
/// (What only one thread may touch belongs into a thread_local or a per_thread.)
///
/// O(1), one load. Throws nothing. Thread-safe.
///
/// ```cpp
/// std::vector<std::atomic<long>> ran(static_cast<std::size_t>(twill::worker_count()));
/// twill::parallel_for(0, 1000, [&](int) {
///     ran[static_cast<std::size_t>(twill::this_worker())].fetch_add(1);
/// });
/// const long all = std::accumulate(ran.begin(), ran.end(), 0L);
/// const int here = twill::this_worker();
/// // all == 1000, here == -1
/// ```
[[nodiscard]] inline int this_worker() noexcept { return detail::hot().place; }

} // namespace twill::inline abi_1
