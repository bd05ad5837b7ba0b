// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sanitizers.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace twill::testing_support {

/// How a child process ended, and what it wrote to stderr.
struct child_end {
    int status = 0;
    std::string errors;

    [[nodiscard]] bool exited_with(int code) const {
        return WIFEXITED(status) && WEXITSTATUS(status) == code;
    }
    [[nodiscard]] bool killed_by(int signal) const {
        return WIFSIGNALED(status) && WTERMSIG(status) == signal;
    }
};

/// As std::exit(), in a child of a program that has threads. Where exit() looks for leaks it is
/// left out: what only those threads knew, which the child has not, would be some.
[[noreturn]] inline void exit_child(int code) {
    if (sanitized) {
        std::fflush(nullptr);
        ::_exit(code);
    }
    std::exit(code); // NOLINT(concurrency-mt-unsafe)
}

/// What a child exits with when an expectation in it has failed.
inline constexpr int failed_expectation = 99;

/// Runs `body` in a child process: for what changes a process for good, and for what ends it. The
/// child ends with code 0 after `body`, or with failed_expectation; it leaves no core file.
template <class Body>
child_end in_child(Body body) {
    child_end end;
    int ends[2];
    if (::pipe(ends) != 0) {
        ADD_FAILURE() << "no pipe";
        return end;
    }
    std::fflush(nullptr);
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(ends[1], STDERR_FILENO);
        ::close(ends[0]);
        ::close(ends[1]);
        const rlimit no_core{0, 0};
        ::setrlimit(RLIMIT_CORE, &no_core);
        body();
        std::fflush(nullptr);
        ::_exit(::testing::Test::HasFailure() ? failed_expectation : 0);
    }
    ::close(ends[1]);
    char part[512];
    for (ssize_t length = 0; (length = ::read(ends[0], part, sizeof part)) > 0;) {
        end.errors.append(part, static_cast<std::size_t>(length));
    }
    ::close(ends[0]);
    if (child < 0 || ::waitpid(child, &end.status, 0) != child) {
        ADD_FAILURE() << "no child process";
    }
    return end;
}

/// The same, for a body that must end well and say nothing.
template <class Body>
void expect_silent_success(Body body) {
    const child_end end = in_child(body);
    EXPECT_TRUE(end.exited_with(0)) << "status " << end.status << ": " << end.errors;
    EXPECT_EQ(end.errors, "");
}

} // namespace twill::testing_support
