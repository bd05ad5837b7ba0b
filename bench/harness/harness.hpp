// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adapters/adapter.hpp"
#include "harness/arguments.hpp"

#include <functional>
#include <vector>

namespace bench {

/// One thing to time. Only run() is timed; all are called outside of any task.
struct operation {
    std::function<void()> run;
    std::function<bool()> check;         ///< is the result of the last run() right?
    std::function<void()> reset = [] {}; ///< prepares the next run()
    std::function<void()> warm = [] {};  ///< a small run, so that the runtime has started
    /// How many times in a row run() does what is quoted the time of: for what is so short that the
    /// clock and the check between two runs would show.
    long calls = 1;
};

/// One form of a kernel.
struct variant {
    const char* name;
    long size; ///< the default of --n
    /// Makes input and expected result; the arguments have a size, and a unit if they had one.
    std::function<operation(const arguments&)> prepare;
};

/// Runs what the command line asks for, the first variant unless told, and prints one line of
/// JSON. Returns the exit code: 0, or 1 when a result was wrong.
int run_kernel(const char* kernel, const arguments& asked, const std::vector<variant>& variants);

} // namespace bench
