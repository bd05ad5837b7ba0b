// SPDX-License-Identifier: Apache-2.0
// Values of threads before main() and after it, and in a copy of the process.
#include "scenario.hpp"

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <sys/wait.h>
#include <unistd.h>

namespace {

struct says_when_destroyed {
    const char* name = nullptr;
    twill::per_thread<int>* counts = nullptr;
    says_when_destroyed() = default;
    says_when_destroyed(const says_when_destroyed&) = delete;
    says_when_destroyed& operator=(const says_when_destroyed&) = delete;
    ~says_when_destroyed() {
        if (name != nullptr) {
            std::printf("%s %d\n", name, ++counts->local());
            std::fflush(stdout);
        }
    }
};

thread_local says_when_destroyed older_of_thread;
twill::per_thread<int> counts;
const int counted_early = ++counts.local();
says_when_destroyed of_program; // younger than the values, so destroyed before them

int per_thread_in_statics(const std::vector<std::string>& /*arguments*/) {
    older_of_thread.name = "older thread_local";
    older_of_thread.counts = &counts;
    of_program.name = "static";
    of_program.counts = &counts;
    std::atexit([] { std::printf("atexit %d\n", ++counts.local()); });
    std::printf("main %d\n", ++counts.local());
    return counted_early == 1 ? 0 : 1;
}

bool good_in_child(twill::per_thread<int>& before, std::size_t threads) {
    // The values of the threads that are not here, and this one's own.
    bool good = before.size() == threads && before.local() == 1;
    twill::per_thread<int> fresh;
    twill::parallel_for(0, 1000, [&](int) {
        ++before.local();
        ++fresh.local();
    });
    good = good && fresh.combine(std::plus<>()) == 1000;
    // Each thread of the child's own runtime began with a 1.
    return good && before.combine(std::plus<>()) == static_cast<int>(before.size()) + 1000;
}

// Others make and destroy containers while the process is copied.
int per_thread_after_fork(const std::vector<std::string>& /*arguments*/) {
    twill::per_thread<int> before(1);
    std::atomic<bool> stop{false};
    std::atomic<int> ready{0};
    std::vector<std::thread> others;
    for (int k = 0; k < 3; ++k) {
        others.emplace_back([&] {
            (void)before.local();
            ++ready;
            while (!stop) {
                twill::per_thread<int> one;
                ++one.local();
            }
        });
    }
    (void)before.local();
    while (ready < 3) {
        std::this_thread::yield();
    }
    bool good = true;
    for (int k = 0; k < 50 && good; ++k) {
        const pid_t child = fork();
        if (child == 0) {
            _exit(good_in_child(before, 4) ? 0 : 1);
        }
        int status = 0;
        good = child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
               WEXITSTATUS(status) == 0;
    }
    stop = true;
    for (auto& other : others) {
        other.join();
    }
    return good ? 0 : 1;
}

int per_thread_from_itself(const std::vector<std::string>& /*arguments*/) {
    twill::per_thread<int>* self = nullptr;
    twill::per_thread<int> values([&] { return self->local() + 1; });
    self = &values;
    return values.local();
}

} // namespace

const std::vector<named_scenario>& per_thread_scenarios() {
    static const std::vector<named_scenario> all{
        {"per_thread_in_statics", per_thread_in_statics},
        {"per_thread_after_fork", per_thread_after_fork},
        {"per_thread_from_itself", per_thread_from_itself}};
    return all;
}
