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

/// Says when, for the test to tell how long the exit takes.
void about_to_leave() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    dprintf(STDOUT_FILENO, "leaves at %lld\n",
            static_cast<long long>(std::chrono::nanoseconds(now).count()));
}

/// Leaves with `code` in the way that is asked for.
[[noreturn]] void leave(const std::string& way, int code) {
    about_to_leave();
    if (way == "exit") {
        std::exit(code);
    }
    if (way == "quick_exit") {
        std::quick_exit(code);
    }
    if (way == "signal") {
        std::raise(SIGTERM);
    }
    _exit(code);
}

/// Leaves by `return` in main() too.
int leave_main(const std::string& way, int code) {
    if (way != "return") {
        leave(way, code);
    }
    about_to_leave();
    return code;
}

std::atomic<const std::string*> way_for_a_task{nullptr};

/// The first task that finds out how leaves.
void leave_if_asked() {
    if (const std::string* way = way_for_a_task.exchange(nullptr); way != nullptr) {
        leave(*way, 4);
    }
}

[[noreturn]] void wait_for_the_end() {
    for (;;) {
        std::this_thread::sleep_for(std::chrono::seconds(1));
    }
}

/// Work without an end: loops and forks on as many threads as there are workers.
void never_ends() {
    twill::parallel_for(0L, 1L << 60, [](long) {
        ++in_flight;
        twill::parallel_invoke([] { twill::parallel_for(0, 10, [](int) {}); }, [] {});
        leave_if_asked();
    });
}

void wait_until_in_flight() {
    while (in_flight < 1000) {
        std::this_thread::yield();
    }
}

void start_work_without_end() {
    for (int k = 0; k < 2; ++k) {
        std::thread(never_ends).detach();
    }
    wait_until_in_flight();
}

int exit_in_main(const std::vector<std::string>& arguments) {
    start_work_without_end();
    return leave_main(arguments.at(0), 3);
}

int exit_in_task(const std::vector<std::string>& arguments) {
    start_work_without_end();
    way_for_a_task = &arguments.at(0);
    wait_for_the_end();
}

// The place is given up, so there is work in flight with one worker too.
int exit_in_section(const std::vector<std::string>& arguments) {
    twill::parallel_invoke(
        [&] {
            twill::blocking([&] {
                start_work_without_end();
                leave(arguments.at(0), 4);
            });
        },
        [] {});
    return 1;
}

int exit_on_runtime_thread(const std::vector<std::string>& arguments) {
    on_runtime_thread([&] { leave(arguments.at(0), 5); });
    return 1;
}

// All threads of the runtime sleep when the program ends.
int exit_idle(const std::vector<std::string>& /*arguments*/) {
    on_runtime_thread([] {});
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    return leave_main("return", 6);
}

// Never destroyed: a static group would wait for its tasks.
twill::runtime* runtime_of_program = nullptr;
twill::task_group* group_of_program = nullptr;

/// The same by all other means: groups, runtimes, submissions, blocking sections.
void never_ends_either() {
    runtime_of_program = new twill::runtime({.workers = 2}); // NOLINT: see above
    group_of_program = new twill::task_group;                // NOLINT: see above
    for (int k = 0; k < 4; ++k) {
        group_of_program->run([] {
            for (;;) {
                ++in_flight;
                twill::parallel_invoke([] {}, [] {});
            }
        });
        static_cast<void>(runtime_of_program->submit([] {
            for (;;) {
                ++in_flight;
                twill::blocking([] { std::this_thread::sleep_for(std::chrono::milliseconds(1)); });
                leave_if_asked();
            }
        }));
    }
    wait_until_in_flight();
}

int exit_with_everything(const std::vector<std::string>& arguments) {
    never_ends_either();
    return leave_main(arguments.at(0), 3);
}

int exit_with_everything_in_task(const std::vector<std::string>& arguments) {
    never_ends_either();
    way_for_a_task = &arguments.at(0);
    wait_for_the_end();
}

twill::runtime& static_runtime() {
    static twill::runtime rt{{.workers = 2}};
    return rt;
}

// exit() destroys the runtime in one of its tasks.
int exit_in_task_of_static_runtime(const std::vector<std::string>& arguments) {
    static_runtime();
    if (arguments.at(0) == "run") {
        static_runtime().run([] { leave("exit", 7); });
    } else if (arguments.at(0) == "section") {
        static_runtime().run([] { twill::blocking([] { leave("exit", 7); }); });
    }
    static_runtime().submit([] { leave("exit", 7); }).wait();
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

/// Begun again and again by threads outside, which takes no place for ever.
void start_roots_without_end() {
    for (int k = 0; k < 2; ++k) {
        std::thread([] {
            for (;;) {
                twill::parallel_for(0, 10, [](int) { ++in_flight; });
            }
        }).detach();
    }
}

void (*when_destroyed)() = nullptr;
struct calls_when_destroyed {
    calls_when_destroyed() = default;
    calls_when_destroyed(const calls_when_destroyed&) = delete;
    calls_when_destroyed& operator=(const calls_when_destroyed&) = delete;
    ~calls_when_destroyed() {
        if (when_destroyed != nullptr) {
            when_destroyed();
        }
    }
};
calls_when_destroyed of_program;

// A handler of atexit() or a static destructor finds work in flight, begins more, and either ends
// the process or lets it end.
int exit_with_handler(const std::vector<std::string>& arguments) {
    const auto handler = arguments.at(1) == "_exit" ? [] {
        start_work_without_end();
        leave("_exit", 9);
    } : [] {
        const int before = in_flight;
        start_roots_without_end();
        while (in_flight < before + 1000) {
            if (sum_by_verbs() != 996) {
                _exit(1);
            }
        }
        about_to_leave();
    };
    if (arguments.at(0) == "atexit") {
        std::atexit(handler);
    } else {
        when_destroyed = handler;
    }
    start_roots_without_end();
    wait_until_in_flight();
    std::exit(9);
}

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
        {"exit_in_section", exit_in_section},
        {"exit_idle", exit_idle},
        {"exit_with_everything", exit_with_everything},
        {"exit_with_everything_in_task", exit_with_everything_in_task},
        {"exit_with_handler", exit_with_handler},
        {"exit_in_task_of_static_runtime", exit_in_task_of_static_runtime},
        {"exit_with_static_runtime", exit_with_static_runtime},
        {"destroy_in_own_task", destroy_in_own_task},
        {"verbs_at_exit", verbs_at_exit}};
    return all;
}
