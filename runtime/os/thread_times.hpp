// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <ctime>
#include <sys/types.h>

namespace twill::os {

/// What the kernel knows about one thread's time. open() and close() are called on the thread;
/// the readings may be taken from any thread between the two.
class thread_times {
public:
    /// Some microseconds. What the system does not tell stays unknown; there is no error.
    void open() noexcept;
    void close() noexcept;

    /// The CPU time of the thread in nanoseconds, or -1 if unknown. One system call.
    [[nodiscard]] std::int64_t cpu() const noexcept;

    /// The time the thread was ready to run and did not, in nanoseconds, or -1 if unknown: the
    /// second field of /proc/self/task/TID/schedstat. It grows when the thread gets to run again.
    /// One system call.
    [[nodiscard]] std::int64_t run_delay() const noexcept;

    /// True if the thread runs or is ready to: the state in /proc/self/task/TID/stat. Three system
    /// calls.
    [[nodiscard]] bool ready() const noexcept;

    /// The kernel's number of the thread.
    [[nodiscard]] pid_t thread() const noexcept { return thread_; }

private:
    clockid_t clock_ = 0;
    bool clock_known_ = false;
    pid_t thread_ = 0;
    int file_ = -1;
    // What `file_` was when it was opened: programs close descriptors that are not theirs, and the
    // number may be somebody else's by now.
    dev_t device_ = 0;
    ino_t inode_ = 0;
};

} // namespace twill::os
