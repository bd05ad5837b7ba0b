// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <mutex>

namespace twill::sched {

class recording;
class scheduler;

/// A runtime beside the default one in the list of those whose events a recording has. Whoever made
/// the runtime keeps it.
struct recorded_runtime {
    scheduler* of = nullptr;
    std::uint32_t number = 0; ///< in the file that is written; 0: it has no events there
    recorded_runtime* next = nullptr;
};

/// The list, and who records what is in it. Whoever changes one of them, or writes events into a
/// file, holds the lock. A runtime that begins or ends takes its turn before; the recording's
/// thread, which may have something to write all the time, lets it go first by that.
struct recorded_list {
    std::mutex turn;
    std::mutex lock;
    recorded_runtime* first = nullptr;
    recording* by = nullptr; ///< in full mode, from its begin to its last event
};
recorded_list& recorded_runtimes_of_process() noexcept;

/// A runtime starts. It has been counted, so that it has a number.
void begin_recording_of(recorded_runtime& one, scheduler& of) noexcept;
/// It ends, and its threads have: what they have recorded is written, and then it may be freed.
/// Waits for the file.
void end_recording_of(recorded_runtime& one) noexcept;
/// In the child of a fork(): the runtimes are the parent's.
void forget_recorded_runtimes_in_child() noexcept;

} // namespace twill::sched
