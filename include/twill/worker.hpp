// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "twill/detail/hot_state.hpp"

namespace twill::inline abi_1 {

/// The number of workers of the runtime that the calling thread works for, outside of the default
/// runtime: TWILL_WORKERS, else what the affinity mask and the CPU quotas of all ancestor cgroups
/// allow; from 1 to 4096. Starts nothing. O(1) after the first call. Thread-safe.
[[nodiscard]] TWILL_API int worker_count() noexcept;

/// The number of the worker that runs the caller, in [0, worker_count()), or -1 outside of every
/// verb. A task never changes threads, but the number may be another one after a join, and for a
/// moment two threads may report the same. O(1). Thread-safe.
[[nodiscard]] inline int this_worker() noexcept { return detail::hot().place; }

} // namespace twill::inline abi_1
