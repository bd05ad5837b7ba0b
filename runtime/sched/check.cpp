// SPDX-License-Identifier: Apache-2.0
#include "sched/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace twill::sched {

void check_failed(const char* what, const char* file, int line) noexcept {
    std::fprintf(stderr, "twill: internal error: %s does not hold (%s:%d)\n", what, file, line);
    std::abort();
}

void end_program(const char* what) noexcept {
    std::fprintf(stderr, "twill: %s\n", what);
    std::abort();
}

} // namespace twill::sched
