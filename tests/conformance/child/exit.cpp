// SPDX-License-Identifier: Apache-2.0
// Ends of the program, with work in flight and with verbs in the last destructors.
#include "scenario.hpp"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <unistd.h>

namespace {

std::atomic<int> in_flight{0};

/// Leaves with `code` in the way that is asked for.
[[noreturn]] void leave(const std::string& way, int code) {
    if (way == "exit") {
        std::exit(code);
    }
    if (way == "quick_exit") {
        std::quick_exit(code);
    }
    _exit(code);
}

std::atomic<const std::string*> way_for_a_task{nullptr};

/// Work without an end: loops and forks on as many threads as there are workers. The first task
/// that finds out how leaves.
void never_ends() {
    twill::parallel_for(0L, 1L << 60, [](long) {
        ++in_flight;
        twill::parallel_invoke([] { twill::parallel_for(0, 10, [](int) {}); }, [] {});
        if (const std::string* way = way_for_a_task.exchange(nullptr); way != nullptr) {
            leave(*way, 4);
        }
    });
}

void start_work_without_end() {
    for (int k = 0; k < 2; ++k) {
        std::thread(never_ends).detach();
    }
    while (in_flight < 1000) {
        std::this_thread::yield();
    }
}

int exit_in_main(const std::vector<std::string>& arguments) {
    start_work_without_end();
    if (arguments.at(0) == "return") {
        return 3;
    }
    leave(arguments.at(0), 3);
}

int exit_in_task(const std::vector<std::string>& arguments) {
    start_work_without_end();
    way_for_a_task = &arguments.at(0);
    for (;;) {
        std::this_thread::sleep_for(std::chrono::seconds(1));
    }
}

int exit_on_runtime_thread(const std::vector<std::string>& arguments) {
    on_runtime_thread([&] { leave(arguments.at(0), 5); });
    return 1;
}

// All threads of the runtime sleep when the program ends.
int exit_idle(const std::vector<std::string>& /*arguments*/) {
    on_runtime_thread([] {});
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    return 6;
}

twill::runtime* of_program = nullptr; // never destroyed

/// The same by all other means: groups, runtimes, submissions, blocking sections.
void never_ends_either() {
    of_program = new twill::runtime({.workers = 2}); // NOLINT: see above
    static twill::task_group group;
    for (int k = 0; k < 4; ++k) {
        group.run([] {
            for (;;) {
                ++in_flight;
                twill::parallel_invoke([] {}, [] {});
            }
        });
        static_cast<void>(of_program->submit([] {
            for (;;) {
                ++in_flight;
                twill::blocking([] { std::this_thread::sleep_for(std::chrono::milliseconds(1)); });
            }
        }));
    }
}

// A group that is static would wait for its tasks in its destructor, so it is left by _exit,
// quick_exit or a signal, or never destroyed.
int exit_with_everything(const std::vector<std::string>& arguments) {
    never_ends_either();
    while (in_flight < 1000) {
        std::this_thread::yield();
    }
    if (arguments.at(0) == "signal") {
        std::raise(SIGTERM);
    }
    leave(arguments.at(0), 3);
}

twill::runtime& static_runtime() {
    static twill::runtime rt{{.workers = 2}};
    return rt;
}

// exit() destroys the runtime in one of its tasks.
int exit_in_task_of_static_runtime(const std::vector<std::string>& arguments) {
    static_runtime();
    if (arguments.at(0) == "run") {
        static_runtime().run([] { std::exit(7); });
    }
    static_runtime().submit([] { std::exit(7); }).wait();
    return 1;
}

// Submissions of a static runtime are waited for.
int exit_with_static_runtime(const std::vector<std::string>& /*arguments*/) {
    static std::atomic<int> ran{0};
    struct prints {
        ~prints() { std::printf("%d\n", ran.load()); }
    };
    static const prints at_last;
    for (int k = 0; k < 100; ++k) {
        static_cast<void>(static_runtime().submit([] {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
            ++ran;
        }));
    }
    return 8;
}

int destroy_in_own_task(const std::vector<std::string>& /*arguments*/) {
    auto* rt = new twill::runtime({.workers = 1}); // NOLINT: deleted by its task
    rt->run([rt] { delete rt; });
    return 1;
}

int sum_by_verbs() {
    const auto [a, b] = twill::parallel_invoke(
        [] {
            return twill::parallel_reduce(
                0, 100'000, 0L, [](int i) { return long{i % 7}; },
                [](long x, long y) { return x + y; });
        },
        [] { return 1; });
    return static_cast<int>(a % 1000) + b;
}

struct sums_when_destroyed {
    const char* name;
    explicit sums_when_destroyed(const char* called) : name(called) {}
    sums_when_destroyed(const sums_when_destroyed&) = delete;
    sums_when_destroyed& operator=(const sums_when_destroyed&) = delete;
    ~sums_when_destroyed() {
        if (name != nullptr) {
            std::printf("%s %d\n", name, sum_by_verbs());
            std::fflush(stdout);
        }
    }
};
// Armed by the scenario: other scenarios print nothing.
sums_when_destroyed older(nullptr);

int verbs_at_exit(const std::vector<std::string>& arguments) {
    older.name = "static";
    std::atexit([] { std::printf("atexit %d\n", sum_by_verbs()); });
    static thread_local const sums_when_destroyed of_thread("thread_local");
    if (arguments.at(0) == "used") {
        std::printf("main %d\n", sum_by_verbs());
    }
    static const sums_when_destroyed younger("local static");
    return 0;
}

} // namespace

const std::vector<named_scenario>& exit_scenarios() {
    static const std::vector<named_scenario> all{
        {"exit_in_main", exit_in_main},
        {"exit_in_task", exit_in_task},
        {"exit_on_runtime_thread", exit_on_runtime_thread},
        {"exit_idle", exit_idle},
        {"exit_with_everything", exit_with_everything},
        {"exit_in_task_of_static_runtime", exit_in_task_of_static_runtime},
        {"exit_with_static_runtime", exit_with_static_runtime},
        {"destroy_in_own_task", destroy_in_own_task},
        {"verbs_at_exit", verbs_at_exit}};
    return all;
}
