// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace social {

/// How the program is to be run.
struct circumstances {
    std::string in = {};       ///< what it reads from standard input
    std::string out_path = {}; ///< where its output goes instead of into the answer
    bool on_terminal = false;  ///< standard error is a terminal
    bool unprivileged = false; ///< as user 65534 if this is root
};

struct answer {
    int code = -1; ///< 128 + the signal if one ended it; 126 if it could not be run
    std::string out;
    std::string err;
};

/// Runs the program under test to its end.
answer run_social(const std::vector<std::string>& arguments, const circumstances& how = {});

/// A directory of the test's own, removed at its end.
class scratch {
public:
    scratch();
    ~scratch();
    scratch(const scratch&) = delete;
    scratch& operator=(const scratch&) = delete;

    [[nodiscard]] std::string path(const std::string& name) const { return root_ + "/" + name; }
    /// Writes a file and returns its path.
    [[nodiscard]] std::string file(const std::string& name, const std::string& bytes) const;

private:
    std::string root_;
};

std::string contents(const std::string& path);

} // namespace social
