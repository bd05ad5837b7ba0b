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

/// Somebody wants this thread's attention, its stack is used up, it is outside, or its events are
/// recorded. `newest` is the job that was forked last and is in the thread's list. On a thread
/// outside this is the entry: it takes a place, waiting for one if need be. Otherwise answers the
/// request, publishing private jobs where work is wanted. True if the fork has to end with
/// leave_slow(): it has entered, or it is recorded; then its join is one of join_slow().
TWILL_API TWILL_COLD bool fork_poll_slow(job* newest) noexcept;

/// The poll of a loop between two of its blocks, on a thread inside. `newest` as above: the rest of
/// the loop, or whatever else is the newest.
TWILL_API TWILL_COLD void poll_slow(job* newest) noexcept;

/// poll_slow() where it is known that the rest, `newest`, takes about `takes` ticks, and that the
/// block before took `took`. Who sleeps is not woken for less than a wake-up costs, unless it keeps
/// coming; then the request stands.
TWILL_API TWILL_COLD void poll_loop_slow(job* newest, std::uint64_t takes,
                                         std::uint64_t took) noexcept;

/// Makes the private jobs of this thread public without having been asked, unless enough are public
/// that nobody has taken yet; then false. `newest` as in poll_slow().
TWILL_API TWILL_COLD bool share_slow(job* newest) noexcept;

/// The join of a job that is marked or recorded, which is the newest of this thread. True: the job
/// has come back unbegun and is the caller's to run or drop. False: it has ended on another thread,
/// and all that it wrote is visible here.
TWILL_API TWILL_COLD bool join_slow(job* newest) noexcept;

/// How a job that join_slow() saw end has ended.
TWILL_API TWILL_COLD job_end end_of(const job& ended) noexcept;

/// Ends a stolen job: its last touch, after which the frame that it lies in may be gone.
TWILL_API TWILL_COLD void finish_slow(job* stolen, job_end end) noexcept;

/// Takes a place for a thread that is outside, waiting for one if need be.
TWILL_API TWILL_COLD void enter_slow() noexcept;

/// Gives up the place that fork_poll_slow() or enter_slow() took, and ends a recorded fork.
TWILL_API TWILL_COLD void leave_slow() noexcept;

/// A loop begins on a thread inside. Its end is told what is returned, unless that is 0: then
/// nothing is recorded.
TWILL_API TWILL_COLD std::uint32_t loop_begin_slow() noexcept;
TWILL_API TWILL_COLD void loop_end_slow(std::uint32_t began) noexcept;

} // namespace twill::inline abi_1::detail
