// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace twill::tool {

/// How a program ended.
struct ending {
    int code = 0;   ///< its exit code, if no signal ended it
    int signal = 0; ///< the signal that ended it, or 0
};

/// Runs a program, found by PATH, with these variables in place of those of their names, and waits
/// for it. Signals that are sent to this process meanwhile (HUP, INT, QUIT, TERM, USR1, USR2) go to
/// the program; those of a terminal reach it anyway. Throws std::runtime_error with one line if it
/// cannot be run.
ending run_program(const std::vector<std::string>& command,
                   const std::vector<std::pair<std::string, std::string>>& variables);

/// Ends this process as the program ended: by the same signal, without a core dump of its own.
/// Returns the exit code where there was no signal.
int end_as(const ending& how);

} // namespace twill::tool
