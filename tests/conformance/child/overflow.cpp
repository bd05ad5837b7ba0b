// SPDX-License-Identifier: Apache-2.0
// Stacks that are used up, and faults that are none of the runtime's business.
#include "scenario.hpp"

#include <csignal>
#include <cstdio>
#include <cstring>
#include <unistd.h>

namespace {

/// Runs `task` as the second argument says: in a verb of this thread, or on one of the runtime.
template <class Task>
void run_where(const std::string& where, Task task) {
    if (where == "runtime") {
        on_runtime_thread(task);
    } else {
        twill::parallel_invoke(task, [] {});
    }
}

long nest(long depth) {
    if (depth == 0) {
        return 0;
    }
    const auto [below, one] =
        twill::parallel_invoke([depth] { return nest(depth - 1); }, [] { return 1L; });
    return below + one;
}

int nested_forks(const std::vector<std::string>& arguments) {
    const long depth = std::stol(arguments.at(1));
    long reached = -1;
    run_where(arguments.at(0), [&] { reached = nest(depth); });
    std::printf("%ld\n", reached);
    return reached == depth ? 0 : 1;
}

// volatile: no compiler may turn the recursion into a loop, or see that it never ends.
volatile bool go_on = true;

[[gnu::noinline]] int serial_recursion(int depth) {
    volatile char frame[256];
    frame[depth % 256] = static_cast<char>(depth);
    return go_on ? serial_recursion(depth + 1) + frame[0] : 0;
}

int overflow_in_forks(const std::vector<std::string>& arguments) {
    run_where(arguments.at(0), [] { std::printf("%ld\n", nest(1L << 40)); });
    return 1;
}

int overflow_in_serial_code(const std::vector<std::string>& arguments) {
    run_where(arguments.at(0), [] { std::printf("%d\n", serial_recursion(0)); });
    return 1;
}

int overflow_in_a_loop(const std::vector<std::string>& arguments) {
    struct deeper {
        static void go() {
            twill::parallel_for(0, 2, [](int) { go(); });
        }
    };
    run_where(arguments.at(0), [] { deeper::go(); });
    return 1;
}

void fault() {
    volatile int* volatile const nowhere = reinterpret_cast<int*>(std::uintptr_t{4096});
    *nowhere = 1;
}

void say_and_exit(int /*signal*/, siginfo_t* info, void* /*context*/) {
    char text[] = "user's handler: wrong address\n";
    if (info->si_addr == reinterpret_cast<void*>(std::uintptr_t{4096})) {
        std::strcpy(text, "user's handler: right\n");
    }
    [[maybe_unused]] const ssize_t written = write(STDOUT_FILENO, text, std::strlen(text));
    _exit(7);
}

void install_handler() {
    struct sigaction mine{};
    mine.sa_sigaction = say_and_exit;
    mine.sa_flags = SA_SIGINFO;
    sigaction(SIGSEGV, &mine, nullptr);
}

// The user's handler is there before the runtime, after it, or not at all.
int fault_in_task(const std::vector<std::string>& arguments) {
    const std::string& when = arguments.at(1);
    if (when == "before") {
        install_handler();
    }
    twill::parallel_invoke([] {}, [] {});
    if (when == "after") {
        install_handler();
    }
    run_where(arguments.at(0), [] { fault(); });
    return 1;
}

// A stack of the user's own for its signals is used, and is still there afterwards.
int alternate_stack(const std::vector<std::string>& /*arguments*/) {
    static char memory[64 * 1024];
    stack_t mine{};
    mine.ss_sp = memory;
    mine.ss_size = sizeof memory;
    if (sigaltstack(&mine, nullptr) != 0) {
        return 1;
    }
    twill::parallel_for(0, 1000, [](int) {});
    on_runtime_thread([] {});
    stack_t now{};
    sigaltstack(nullptr, &now);
    return now.ss_sp == memory && now.ss_size == sizeof memory ? 0 : 1;
}

} // namespace

const std::vector<named_scenario>& overflow_scenarios() {
    static const std::vector<named_scenario> all{
        {"nested_forks", nested_forks},
        {"overflow_in_forks", overflow_in_forks},
        {"overflow_in_serial_code", overflow_in_serial_code},
        {"overflow_in_a_loop", overflow_in_a_loop},
        {"fault_in_task", fault_in_task},
        {"alternate_stack", alternate_stack}};
    return all;
}
