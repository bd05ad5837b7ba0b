// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the comments of the examples become. A failed check is told and counted, and the program
// that it stands in ends with exit code 1.

#include <cstdio>
#include <cstdlib>
#include <exception>

namespace snippets {

struct tally {
    int failed = 0;
    ~tally() {
        if (failed > 0) {
            std::fflush(nullptr);
            std::_Exit(1);
        }
    }
};
inline tally checks;

inline void check(bool holds, const char* what, const char* file, int line) {
    if (!holds) {
        std::fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
        ++checks.failed;
    }
}

/// Runs one fragment and says which, so that a crash has a place.
template <class Fragment>
void run(const char* where, Fragment fragment) {
    std::fprintf(stderr, "running %s\n", where);
    try {
        fragment();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s: threw: %s\n", where, error.what());
        ++checks.failed;
    }
}

} // namespace snippets

#define SNIPPET_CHECK(comparison) ::snippets::check(comparison, #comparison, __FILE__, __LINE__)
