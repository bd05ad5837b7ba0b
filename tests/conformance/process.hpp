// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cfenv>
#include <csignal>
#include <cstdint>
#include <dirent.h>
#include <fstream>
#include <memory>
#include <pthread.h>
#include <sched.h>
#include <string>
#include <utility>
#include <vector>

// What the kernel knows about this process and its threads.

namespace twill_test {

/// What a verb must leave as it was on a guest.
struct surroundings {
    std::string name = std::string(16, '\0');
    sigset_t mask{};
    cpu_set_t cores{};
    int rounding = 0;
    stack_t alternate{};

    static surroundings now() {
        surroundings s;
        pthread_getname_np(pthread_self(), s.name.data(), s.name.size());
        pthread_sigmask(SIG_SETMASK, nullptr, &s.mask);
        CPU_ZERO(&s.cores);
        sched_getaffinity(0, sizeof s.cores, &s.cores);
        s.rounding = fegetround();
        sigaltstack(nullptr, &s.alternate);
        return s;
    }

    void expect_same(const surroundings& other) const {
        EXPECT_EQ(name, other.name);
        for (int signal = 1; signal < NSIG; ++signal) {
            EXPECT_EQ(sigismember(&mask, signal), sigismember(&other.mask, signal)) << signal;
        }
        EXPECT_TRUE(CPU_EQUAL(&cores, &other.cores));
        EXPECT_EQ(rounding, other.rounding);
    }
};

/// Gives the calling thread, the outsider `k` from 0 to 2, a name, a signal mask and a rounding
/// mode that no other has.
inline void become_outsider(int k) {
    pthread_setname_np(pthread_self(), ("outsider-" + std::to_string(k)).c_str());
    sigset_t some;
    sigemptyset(&some);
    sigaddset(&some, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &some, nullptr);
    const int modes[] = {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
    fesetround(modes[k]);
}

/// Resident memory of this process in KiB.
inline long resident() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.rfind("VmRSS:", 0) == 0) {
            return std::stol(line.substr(6));
        }
    }
    return 0;
}

/// How long the calling thread was ready to run and had no core so far, in nanoseconds; 0 where the
/// kernel does not tell.
inline std::int64_t run_delay() {
    std::int64_t on_cores = 0;
    std::int64_t waiting = 0;
    std::ifstream("/proc/thread-self/schedstat") >> on_cores >> waiting;
    return waiting;
}

/// Name and blocked signals of each thread of this process.
inline std::vector<std::pair<std::string, std::uint64_t>> threads_of_process() {
    std::vector<std::pair<std::string, std::uint64_t>> found;
    const std::unique_ptr<DIR, int (*)(DIR*)> tasks(opendir("/proc/self/task"), &closedir);
    // NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is this function's own
    while (const dirent* entry = readdir(tasks.get())) {
        const std::string folder = std::string("/proc/self/task/") + entry->d_name;
        std::string name;
        std::getline(std::ifstream(folder + "/comm") >> std::ws, name);
        std::ifstream status(folder + "/status");
        for (std::string line; std::getline(status, line);) {
            if (line.rfind("SigBlk:", 0) == 0) {
                found.emplace_back(name, std::stoull(line.substr(7), nullptr, 16));
            }
        }
    }
    return found;
}

/// Entries of a folder below /proc/self: one for each open file in "fd", for each thread in "task".
inline int entries_of(const std::string& folder) {
    const std::unique_ptr<DIR, int (*)(DIR*)> all(opendir(("/proc/self/" + folder).c_str()),
                                                  &closedir);
    int count = 0;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is this function's own
    while (const dirent* entry = readdir(all.get())) {
        count += entry->d_name[0] != '.' ? 1 : 0;
    }
    return count;
}

} // namespace twill_test
