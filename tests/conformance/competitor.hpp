// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <csignal>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace twill_test {

/// A process that computes on one of the cores that this one may use, for as long as this lives.
class competitor {
public:
    competitor() : process_(::fork()) {
        if (process_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            cpu_set_t allowed;
            if (::sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
                for (int cpu = CPU_SETSIZE - 1; cpu >= 0; --cpu) {
                    if (CPU_ISSET(cpu, &allowed)) {
                        cpu_set_t one;
                        CPU_ZERO(&one);
                        CPU_SET(cpu, &one);
                        ::sched_setaffinity(0, sizeof one, &one);
                        break;
                    }
                }
            }
            for (volatile unsigned rounds = 0;;) {
                rounds = rounds + 1;
            }
        }
    }
    competitor(const competitor&) = delete;
    competitor& operator=(const competitor&) = delete;
    ~competitor() {
        if (process_ > 0) {
            ::kill(process_, SIGKILL);
            ::waitpid(process_, nullptr, 0);
        }
    }
    [[nodiscard]] bool runs() const { return process_ > 0; }

private:
    pid_t process_;
};

} // namespace twill_test
