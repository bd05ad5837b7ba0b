// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// The seam between the fast paths, which are compiled into programs, and the runtime, which is
/// compiled once into libtwill. Cold, `noexcept`, and few.

#include "twill/detail/config.hpp"
#include "twill/detail/job.hpp"

#include <cstdint>

/// Every program that uses a verb refers to this symbol: the linker's check of the ABI number.
extern "C" TWILL_API const int twill_abi_1;

namespace twill::inline abi_1::detail {

[[gnu::used]] inline const int* const linked_abi = &twill_abi_1;

/// Somebody wants this thread's attention, its stack is used up, or it is outside. `newest` is the
/// job that was forked last and is in the thread's list. On a thread outside this is the entry:
/// it takes a place, waiting for one if need be, and returns true; the verb that made the call
/// then ends with leave_slow(). Otherwise answers the request, publishing private jobs where work
/// is wanted, and returns false.
TWILL_API TWILL_COLD bool poll_slow(job* newest) noexcept;

/// poll_slow() of a loop: the rest of it, `newest`, takes about `takes` ticks. Who sleeps is not
/// woken for less than a wake-up costs, unless it keeps coming; then the request stands.
TWILL_API TWILL_COLD void poll_loop_slow(job* newest, std::uint64_t takes) noexcept;

/// Makes the private jobs of this thread public without having been asked, unless enough are public
/// that nobody has taken yet; then false. `newest` as in poll_slow().
TWILL_API TWILL_COLD bool share_slow(job* newest) noexcept;

/// The join of a marked job, which is the newest of this thread. True: the job has come back
/// unbegun and is the caller's to run or drop. False: it has ended on another thread, and all that
/// it wrote is visible here.
TWILL_API TWILL_COLD bool join_slow(job* newest) noexcept;

/// How a job that join_slow() saw end has ended.
TWILL_API TWILL_COLD job_end end_of(const job& ended) noexcept;

/// Ends a stolen job: its last touch, after which the frame that it lies in may be gone.
TWILL_API TWILL_COLD void finish_slow(job* stolen, job_end end) noexcept;

/// Takes a place for a thread that is outside, waiting for one if need be.
TWILL_API TWILL_COLD void enter_slow() noexcept;

/// Gives up the place that poll_slow() or enter_slow() took.
TWILL_API TWILL_COLD void leave_slow() noexcept;

} // namespace twill::inline abi_1::detail
