// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace bench {

/// What the process has used so far, all threads together.
struct usage {
    double cpu_ms;
    long involuntary; ///< times a thread was switched out although it could run
};

usage read_usage();

/// A number of /proc/self/status: VmHWM is the peak of resident memory in KiB (the peak that wait4
/// reports includes the parent's memory before exec), Threads the threads now. -1 if absent.
long status_value(const char* name);

} // namespace bench
