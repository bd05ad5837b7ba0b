// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace bench {

/// What a benchmark program is asked to do. Zero stands for the program's own default.
struct arguments {
    std::string variant;    ///< which form of the kernel
    long size = 0;          ///< the kernel's n
    int workers = 0;        ///< 0: whatever the runtime chooses by itself
    int repeat = 1;         ///< timed runs
    double least_ms = 0;    ///< a timed run repeats the operation until it is this long
    double unit = 0;        ///< steps of spin_steps() a microsecond, see harness/spin.hpp
    bool variants = false;  ///< print the variants and their sizes, and do nothing else
    bool calibrate = false; ///< print the unit of this machine and leave
};

/// Reads the command line; on a mistake prints what is wrong with the usage and exits with 2.
arguments parse_arguments(int argc, char** argv);

} // namespace bench
