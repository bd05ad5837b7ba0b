// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace bench {

/// Long enough for every idle thread to be parked.
constexpr double long_silence_us = 400;
/// Short enough for an idle thread to be still looking for work.
constexpr double short_silence_us = 5;
/// Longer than any joiner spins.
constexpr double long_child_us = 300;
constexpr double short_child_us = 6;
/// How long anybody waits for another thread that may never come.
constexpr double patience_us = 5000;

/// One child that was run by another thread, in readings of the counter.
struct passage {
    std::uint64_t forked = 0; ///< before the fork
    std::uint64_t begun = 0;  ///< the first line of the child
    std::uint64_t done = 0;   ///< its last line
    std::uint64_t joined = 0; ///< the line after the join
    bool stolen = false;      ///< false: nobody came, and none of this is a passage
};

/// Forks one child that runs for a while, and waits, without a poll, until it was begun elsewhere.
/// To be called inside of a verb, by one thread.
passage fork_one(double child_us);

} // namespace bench
