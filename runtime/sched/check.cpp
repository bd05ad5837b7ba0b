// SPDX-License-Identifier: Apache-2.0
#include "sched/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace twill::sched {

void check_failed(const char* what, const char* file, int line) noexcept {
    std::fprintf(stderr, "twill: internal error: %s does not hold (%s:%d)\n", what, file, line);
    std::abort();
}

void end_of_forked_task() noexcept {
    std::fputs("twill: a task has called fork(), and the child goes on with the task: there the "
               "runtime's threads are missing; call exec or _exit in the child\n",
               stderr);
    std::abort();
}

void no_memory_to_enter() noexcept {
    std::fputs("twill: no memory for a thread that enters the runtime\n", stderr);
    std::abort();
}

} // namespace twill::sched
