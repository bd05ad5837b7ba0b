// SPDX-License-Identifier: Apache-2.0
// fork() in a program that has used the runtime.
#include "scenario.hpp"

#include <cstdio>
#include <sys/wait.h>
#include <unistd.h>

namespace {

long sum() {
    const auto [a, b] = twill::parallel_invoke(
        [] {
            return twill::parallel_reduce(
                0, 200'000, 0L, [](int i) { return long{i}; },
                [](long x, long y) { return x + y; });
        },
        [] { return 1L; });
    return a + b;
}
constexpr long expected = 200'000L * 199'999 / 2 + 1;

/// Forks and has the child run verbs, also on a thread of the runtime, and fork in its turn.
/// True if all of that came out right.
bool fork_and_check(int generations) {
    const pid_t child = fork();
    if (child == 0) {
        bool good = sum() == expected;
        bool stolen = twill::worker_count() == 1;
        if (!stolen) {
            on_runtime_thread([&] { stolen = true; });
        }
        good = good && stolen && (generations == 0 || fork_and_check(generations - 1));
        _exit(good ? 0 : 1);
    }
    int status = 0;
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

int fork_after_use(const std::vector<std::string>& /*arguments*/) {
    on_runtime_thread([] {});
    for (int k = 0; k < 5; ++k) {
        if (sum() != expected || !fork_and_check(2)) {
            return 1;
        }
    }
    return 0;
}

int fork_before_use(const std::vector<std::string>& /*arguments*/) {
    return fork_and_check(1) && sum() == expected ? 0 : 1;
}

// Others are in the middle of their verbs when the process is copied.
int fork_while_others_work(const std::vector<std::string>& /*arguments*/) {
    std::atomic<bool> stop{false};
    std::atomic<int> rounds{0};
    std::vector<std::thread> others;
    for (int k = 0; k < 3; ++k) {
        others.emplace_back([&] {
            while (!stop) {
                if (sum() != expected) {
                    std::printf("a wrong sum\n");
                    _exit(2);
                }
                ++rounds;
            }
        });
    }
    bool good = true;
    for (int k = 0; k < 10 && good; ++k) {
        const int before = rounds;
        while (rounds < before + 3) {
            std::this_thread::yield();
        }
        good = fork_and_check(0) && sum() == expected;
    }
    stop = true;
    for (auto& other : others) {
        other.join();
    }
    return good ? 0 : 1;
}

} // namespace

const std::vector<named_scenario>& fork_scenarios() {
    static const std::vector<named_scenario> all{
        {"fork_after_use", fork_after_use},
        {"fork_before_use", fork_before_use},
        {"fork_while_others_work", fork_while_others_work}};
    return all;
}
