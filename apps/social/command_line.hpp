// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace social {

/// What the program ends with.
enum exit_code : int {
    done = 0,
    check_failed = 1,
    wrong_input = 2 ///< also wrong usage, and output that could not be written
};

/// Reads the command line and does what it says.
[[nodiscard]] int command_line(int count, char** arguments);

} // namespace social
