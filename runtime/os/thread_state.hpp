// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace twill::os {

/// What the kernel says about a thread at one instant.
struct thread_state {
    enum class doing : std::uint8_t {
        /// The kernel does not tell, or there is no such thread any more.
        unknown,
        /// It runs, is ready to, or is in the middle of work of the kernel's: it goes on.
        runs,
        /// Asleep for as long as no other thread wakes it: in a futex without a time, which is
        /// what locks, conditions and joins of threads are made of. At `address`.
        waits_for_thread,
        /// Asleep for a time: it goes on by itself.
        waits_for_time,
        /// Asleep in another system call, whose number is `call`.
        waits_in_call,
        /// Asleep, and the kernel does not tell in what.
        sleeps
    };

    doing what = doing::unknown;
    long call = -1;
    std::uint64_t address = 0;
    /// How often it has left its core so far.
    std::uint64_t switches = 0;
    char name[16] = {};
};

/// The kernel's number of the calling thread.
int thread_number() noexcept;

/// The state of a thread of this process, by its number. Two files of /proc: some 50 us.
thread_state state_of_thread(int thread) noexcept;

/// Reads /proc/self/task/TID/status: the name, the state and the switches. False if it has no
/// state.
bool parse_thread_status(const char* text, thread_state& into) noexcept;

/// Reads /proc/self/task/TID/syscall, of a thread that sleeps: in what.
void parse_thread_call(const char* text, thread_state& into) noexcept;

/// Who holds the mutex of the C library whose futex is at `address` of this process: the kernel's
/// number of a thread, or 0 if it is no such mutex, as far as can be told, or nobody holds it. Any
/// address may be asked for.
int holder_of_lock(std::uint64_t address) noexcept;

} // namespace twill::os
