// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// What the programs with a planted problem share: their command line, the clock, and the line that
/// tells the campaign what was planted.

#include "work.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace planted {

struct options {
    std::uint64_t seed = 1;
    bool fixed = false; ///< the same work without the problem
};

struct outcome {
    std::string subject;    ///< the region or kind with the problem; empty: there is none to name
    double seconds = 0;     ///< wall time of the measured part
    bool right = false;     ///< the result is what it must be
    std::string parameters; ///< what the seed has drawn, for a reader of the campaign's table
};

/// How long `work()` takes, in seconds. The runtime has started before.
double timed(void (*work)(void*), void* context);
template <class Work>
double timed(Work&& work) {
    return timed([](void* opaque) { (*static_cast<std::remove_reference_t<Work>*>(opaque))(); },
                 &work);
}

/// The main of a program: reads `--seed N` and `--fixed`, runs it and prints the outcome as a line
/// of JSON. Exit code 1 if the result is wrong, 2 for a command line that cannot be read.
int run(int argc, char** argv, outcome (*program)(const options&, dice&));

/// As std::snprintf, into a string.
[[gnu::format(printf, 1, 2)]] std::string text(const char* form, ...);

} // namespace planted
