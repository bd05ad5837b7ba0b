// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace twill_test {

/// What became of a child process.
struct child_result {
    int exit_code = -1;                        ///< -1 unless it exited
    int signal = 0;                            ///< what ended it, if a signal did
    bool timed_out = false;                    ///< it was killed after `child_patience`
    std::chrono::steady_clock::time_point end; ///< when it was seen to have ended
    std::string out;
    std::string err;
};

inline constexpr std::chrono::seconds child_patience{200};

/// Runs conformance_child, or a copy of it, with a scenario and its arguments. `environment` adds
/// "name=value" to what this process has, where no other variable of Twill is passed on;
/// `stack_limit` is its RLIMIT_STACK in bytes, 0 for this process's own.
child_result run_child(const std::vector<std::string>& arguments,
                       const std::vector<std::string>& environment = {},
                       std::size_t stack_limit = 0, const std::string& program = CONFORMANCE_CHILD);

} // namespace twill_test
