// SPDX-License-Identifier: Apache-2.0
#include "micro/thread_clocks.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

namespace bench {
namespace {

/// The kernel's numbering of the CPU clock of one thread: the complement of its id above three
/// bits that say "of a thread" (4) and "as scheduled" (2).
clockid_t clock_of(int thread) noexcept { return static_cast<clockid_t>(~thread * 8 + 6); }

} // namespace

other_threads::other_threads() {
    const int self = gettid();
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
        const int thread = std::stoi(entry.path().filename().string());
        if (thread != self) {
            threads_.push_back(thread);
        }
    }
}

std::uint64_t other_threads::cpu_ns() const noexcept {
    std::uint64_t sum = 0;
    for (const int thread : threads_) {
        timespec time{};
        if (clock_gettime(clock_of(thread), &time) == 0) {
            sum += static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000U +
                   static_cast<std::uint64_t>(time.tv_nsec);
        }
    }
    return sum;
}

long other_threads::switches() const {
    long sum = 0;
    for (const int thread : threads_) {
        std::ifstream status("/proc/self/task/" + std::to_string(thread) + "/status");
        for (std::string word; status >> word;) {
            long value = 0;
            if (word.ends_with("voluntary_ctxt_switches:") && status >> value) {
                sum += value;
            }
        }
    }
    return sum;
}

} // namespace bench
