// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// What a future and the runtime share: a callable that was submitted, until its value is taken.

#include "twill/detail/atomic.hpp"
#include "twill/detail/config.hpp"

#include <cstdint>
#include <exception>
#include <limits>

namespace twill::inline abi_1::detail {

/// The deadline of what has none.
inline constexpr std::int64_t no_deadline = std::numeric_limits<std::int64_t>::max();

struct submission;
struct view_map;

/// The neighbours of one in a list of the runtime.
struct submission_links {
    submission* previous;
    submission* next;
};

/// The derived types hold the callable, then its value.
struct submission {
    enum phase : std::uint32_t {
        queued = 0,
        begun = 1,
        ended = 2, ///< the value or the exception is there
        /// A bit beside the first two: somebody sleeps until the end.
        awaited = 4
    };

    explicit submission(void (*how)(submission*) noexcept,
                        void (*destroy)(submission*) noexcept) noexcept
        : run(how), free(destroy) {}
    submission(const submission&) = delete;
    submission& operator=(const submission&) = delete;

    atomic<std::uint32_t> state{queued};
    /// The future and the runtime: the second that lets go frees it.
    atomic<std::uint32_t> owners{2};
    void (*run)(submission*) noexcept;
    /// Calls the callback of its deadline; null if there is none.
    void (*tell_late)(submission*, std::int64_t late_by) noexcept = nullptr;
    void (*free)(submission*) noexcept;
    std::exception_ptr failure;
    /// What it has added to reducers on another thread than that of who waits for it.
    atomic<view_map*> views{nullptr};
    /// A number of twill::priority.
    std::uint32_t level = 1;
    /// By when it is to have ended, in nanoseconds of CLOCK_MONOTONIC.
    std::int64_t due = no_deadline;
    /// The runtime's.
    std::uint64_t submitted_at = 0;
    void* scheduler = nullptr;
    submission_links in_queue; // NOLINT: written as it is put in
    /// How often the process had forked: a thread of the parent never ends it in the child.
    std::uint32_t generation = 0;
    /// The node's shelf that it lies on too, or -1.
    std::int32_t shelf = -1;
    submission_links on_shelf; // NOLINT: likewise
};

// The seam, as in slow_path.hpp.

/// Waits for the end: runs it on the spot if it has not begun. False: the process has forked since,
/// and nobody will ever run it.
TWILL_API TWILL_COLD bool await_slow(submission& one) noexcept;
/// The same for a while, and without running it; false if it has not ended by then. Sets `lost`
/// where await_slow() returns false.
TWILL_API TWILL_COLD bool await_for_slow(submission& one, std::uint64_t nanoseconds,
                                         bool& lost) noexcept;
/// An owner lets go.
TWILL_API TWILL_COLD void release_slow(submission& one) noexcept;
/// Inside the handler of what a submission threw: for the counts.
TWILL_API TWILL_COLD void submission_threw_slow() noexcept;

} // namespace twill::inline abi_1::detail
