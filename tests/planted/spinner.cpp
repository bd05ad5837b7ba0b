// SPDX-License-Identifier: Apache-2.0
#include "spinner.hpp"

#include "work.hpp"

#include <cerrno>
#include <csignal>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace planted {

namespace {

// The core of this number among those in the mask.
int choose(const cpu_set_t& mask, std::uint64_t number) {
    std::uint64_t left = number % static_cast<std::uint64_t>(CPU_COUNT(&mask));
    int core = 0;
    for (;; ++core) {
        if (CPU_ISSET(core, &mask) && left-- == 0) {
            return core;
        }
    }
}

[[noreturn]] void spin(int core, int ready, pid_t parent) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(core, &one);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    // A parent that is gone by now sends no signal any more.
    if (getppid() != parent || sched_setaffinity(0, sizeof one, &one) != 0 ||
        write(ready, "", 1) != 1) {
        _exit(1);
    }
    // Without a use of its results the compiler may leave the loop out.
    volatile std::uint64_t state = 1;
    for (;;) {
        state = walk(state, 1'000'000);
    }
}

} // namespace

spinner::spinner(std::uint64_t number) {
    const auto refused = [](const char* what) {
        return std::system_error(errno, std::generic_category(), what);
    };
    cpu_set_t mask;
    if (sched_getaffinity(0, sizeof mask, &mask) != 0) {
        throw refused("sched_getaffinity");
    }
    int ends[2];
    if (pipe(ends) != 0) {
        throw refused("pipe");
    }
    const pid_t parent = getpid();
    process_ = fork();
    if (process_ == 0) {
        close(ends[0]);
        spin(choose(mask, number), ends[1], parent);
    }
    const int why = errno;
    close(ends[1]);
    char answer = 0;
    const bool spins = process_ > 0 && read(ends[0], &answer, 1) == 1;
    close(ends[0]);
    if (process_ < 0) {
        errno = why;
        throw refused("fork");
    }
    if (!spins) {
        waitpid(process_, nullptr, 0);
        throw std::system_error(ECHILD, std::generic_category(), "the spinning process");
    }
}

spinner::~spinner() {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
}

} // namespace planted
