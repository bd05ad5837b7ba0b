// SPDX-License-Identifier: Apache-2.0
// Signals go to the program's threads, and change nothing of what a verb does on them.
#include "fib.hpp"

#include <twill/twill.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <future>
#include <set>
#include <string>
#include <sys/prctl.h>
#include <sys/time.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using fault::fib;

std::atomic<int> handled{0};
std::atomic<int> handled_by_runtime{0};

/// Whether a thread is one of those that the tests' runtimes have made.
bool named_as_runtime(const char* name) {
    return std::strncmp(name, "twill-", 6) == 0 || std::strncmp(name, "solver-", 7) == 0;
}

void handle(int) {
    const int saved = errno;
    std::array<char, 16> name{};
    prctl(PR_GET_NAME, name.data(), 0, 0, 0);
    ++handled;
    handled_by_runtime += named_as_runtime(name.data()) ? 1 : 0;
    errno = saved;
}

/// SIGALRM at each millisecond to the process, and while it lives the handler of SIGTERM and
/// SIGUSR1.
class storm {
public:
    explicit storm(int flags) {
        struct sigaction ours{};
        ours.sa_handler = handle;
        ours.sa_flags = flags;
        for (std::size_t k = 0; k < signals.size(); ++k) {
            sigaction(signals[k], &ours, &before_[k]);
        }
        const itimerval each{{0, 1000}, {0, 1000}};
        setitimer(ITIMER_REAL, &each, nullptr);
    }
    ~storm() {
        const itimerval none{};
        setitimer(ITIMER_REAL, &none, nullptr);
        for (std::size_t k = 0; k < signals.size(); ++k) {
            sigaction(signals[k], &before_[k], nullptr);
        }
    }
    storm(const storm&) = delete;
    storm& operator=(const storm&) = delete;

private:
    static constexpr std::array signals{SIGALRM, SIGTERM, SIGUSR1};
    std::array<struct sigaction, 3> before_{};
};

/// One of all that may sleep in the kernel: joins, places, groups, futures, sections.
void work(twill::runtime& solver) {
    EXPECT_EQ(fib(13), 233);
    std::atomic<int> ran{0};
    twill::parallel_for(0, 500, [&](int) { ++ran; });
    twill::task_group group;
    for (int k = 0; k < 100; ++k) {
        group.run([&ran] { ++ran; });
    }
    group.wait();
    EXPECT_EQ(ran, 600);
    twill::future<long> later = solver.submit([] { return fib(10); });
    EXPECT_EQ(solver.run([] { return fib(9); }), 34);
    EXPECT_EQ(later.get(), 55);
    std::promise<int> promise;
    std::future<int> answer = promise.get_future();
    int got = 0;
    twill::parallel_invoke([&] { got = twill::blocking([&] { return answer.get(); }); },
                           [&] { promise.set_value(42); });
    EXPECT_EQ(got, 42);
    twill::future<int> slow = solver.submit([] {
        std::this_thread::sleep_for(std::chrono::microseconds(300));
        return 7;
    });
    EXPECT_EQ(slow.get(), 7);
}

/// Verbs on a dozen guests, each of which gets signals of its own beside those to the process.
void survive(int flags) {
    handled = 0;
    handled_by_runtime = 0;
    {
        const storm signals(flags);
        twill::runtime solver{{.workers = 2, .name = "solver"}};
        std::atomic<int> left{12};
        std::vector<std::thread> guests;
        for (int k = 0; k < 12; ++k) {
            guests.emplace_back([&] {
                for (int round = 0; round < 10; ++round) {
                    work(solver);
                }
                --left;
            });
        }
        while (left > 0) {
            for (std::thread& guest : guests) {
                pthread_kill(guest.native_handle(), SIGUSR1);
            }
            kill(getpid(), SIGTERM);
            std::this_thread::sleep_for(std::chrono::microseconds(100));
        }
        for (std::thread& guest : guests) {
            guest.join();
        }
    }
    EXPECT_GT(handled, 100);
    EXPECT_EQ(handled_by_runtime, 0);
}

TEST(signals, that_interrupt_calls_change_nothing) { survive(0); }

TEST(signals, that_restart_calls_change_nothing) { survive(SA_RESTART); }

/// The names of all threads of this process, sorted.
std::multiset<std::string> names_of_threads() {
    std::multiset<std::string> found;
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
        std::string name;
        std::getline(std::ifstream(task.path() / "comm"), name);
        found.insert(name);
    }
    return found;
}

bool is_numbered(const std::string& name, const std::string& stem) {
    return name.rfind(stem + "-", 0) == 0 && name.size() > stem.size() + 1 &&
           name.find_first_not_of("0123456789", stem.size() + 1) == std::string::npos;
}

// All threads of a process get a signal to it if they do not block it: so with a handler that the
// program's only thread blocks, none runs.
TEST(signals, wait_for_a_thread_of_the_program_that_takes_them) {
    const storm signals(SA_RESTART);
    twill::runtime solver{{.workers = 3, .name = "solver"}};
    work(solver);
    sigset_t mask;
    sigset_t before;
    sigemptyset(&mask);
    for (const int one : {SIGALRM, SIGTERM, SIGUSR1}) {
        sigaddset(&mask, one);
    }
    pthread_sigmask(SIG_BLOCK, &mask, &before);
    handled = 0;
    kill(getpid(), SIGTERM);
    for (int round = 0; round < 5; ++round) {
        work(solver);
    }
    EXPECT_EQ(handled, 0);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    EXPECT_GT(handled, 0);
}

#if defined(TWILL_THREAD_SANITIZER)
constexpr std::size_t of_program = 2; // it has one of its own
#else
constexpr std::size_t of_program = 1;
#endif

/// Whether these are the program's only thread under its own name and, under theirs, threads of the
/// three runtimes below, some of each.
bool fit(const std::multiset<std::string>& names, const std::string& own) {
    std::size_t numbered = 0;
    for (const std::string& name : names) {
        const bool unique = names.count(name) == 1;
        numbered += unique && (is_numbered(name, "twill") || is_numbered(name, "solver")) ? 1u : 0u;
    }
    const std::size_t cut = names.count("a_name_that_is_");
    const auto some = [&names](const std::string& stem) {
        const auto first = names.lower_bound(stem + "-");
        return first != names.end() && is_numbered(*first, stem);
    };
    return names.count(own) == of_program && numbered + cut + of_program == names.size() &&
           cut > 0 && some("twill") && some("solver");
}

// A thread has the name of the one that made it until it names itself, as the first thing that it
// does: so this looks until all of them have.
TEST(threads, are_named_by_their_runtime_and_a_number) {
    std::array<char, 16> self{};
    pthread_getname_np(pthread_self(), self.data(), self.size());
    twill::runtime solver{{.workers = 3, .name = "solver"}};
    twill::runtime cut{{.workers = 3, .name = "a_name_that_is_too_long"}};
    const auto late = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    std::multiset<std::string> names;
    do {
        work(solver);
        EXPECT_EQ(cut.run([] { return fib(15); }), 610);
        names = names_of_threads();
    } while (!fit(names, self.data()) && std::chrono::steady_clock::now() < late);
    EXPECT_TRUE(fit(names, self.data())) << testing::PrintToString(names);
}

} // namespace
