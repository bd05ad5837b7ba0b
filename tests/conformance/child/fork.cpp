// SPDX-License-Identifier: Apache-2.0
// fork() in a program that has used the runtime.
#include "scenario.hpp"

#include <csignal>
#include <cstdio>
#include <functional>
#include <pthread.h>
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

int small_sum() {
    return twill::parallel_reduce(0, 10, 0, [](int i) { return i; }, std::plus<>());
}

constexpr std::size_t large_stack = std::size_t{24} << 20; // larger than the usual

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

/// What became of a child of fork(): its exit code, or minus the signal that ended it.
int end_of(pid_t child) {
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) {
        return 1000;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/// Forks in the middle of something that its caller joins, and comes back in the child too.
void fork_and_return(std::atomic<int>& ended) {
    const pid_t child = fork();
    if (child != 0) {
        ended = end_of(child);
    }
}

// Every way back into the runtime is an end with a line, and none a hang.
int fork_inside_a_task(const std::vector<std::string>& arguments) {
    const std::string& where = arguments.at(0);
    std::atomic<int> ended{0};
    if (where == "fork") {
        twill::parallel_invoke([&] { fork_and_return(ended); }, [] {});
    } else if (where == "nested") {
        twill::parallel_invoke(
            [&] {
                twill::parallel_invoke(
                    [] {}, [&] { twill::parallel_invoke([&] { fork_and_return(ended); }, [] {}); });
            },
            [] {});
    } else if (where == "loop") {
        twill::parallel_for(0, 1000, [&](int k) {
            if (k == 500) {
                fork_and_return(ended);
            }
        });
    } else if (where == "group") {
        twill::task_group group;
        group.run([&] { fork_and_return(ended); });
        group.wait();
    } else if (where == "blocking") {
        twill::parallel_invoke([&] { twill::blocking([&] { fork_and_return(ended); }); }, [] {});
    } else if (where == "submission") {
        twill::runtime rt{{.workers = 1}};
        rt.submit([&] { fork_and_return(ended); }).get();
    } else {
        on_runtime_thread([&] { fork_and_return(ended); });
    }
    return ended == -SIGABRT ? 0 : 1;
}

// What such a child may do.
int fork_inside_a_task_and_exec(const std::vector<std::string>& /*arguments*/) {
    int ended = -1;
    twill::parallel_invoke(
        [&] {
            const pid_t child = fork();
            if (child == 0) {
                execl("/bin/true", "true", nullptr);
                _exit(1);
            }
            ended = end_of(child);
        },
        [] {});
    return ended;
}

// Objects of the parent in the child: a runtime starts again, a group begins empty, and a future
// says that its submission is lost.
int fork_with_objects(const std::vector<std::string>& /*arguments*/) {
    twill::runtime rt{{.workers = 2, .name = "mine"}};
    twill::task_group group;
    std::atomic<int> ran{0};
    group.run([&] { ++ran; });
    group.wait();
    std::atomic<bool> go{false};
    auto hold = [&] {
        while (!go) {
            std::this_thread::yield();
        }
    };
    std::vector<twill::future<void>> busy;
    for (int k = 0; k < 2; ++k) {
        busy.push_back(rt.submit(hold));
    }
    twill::future<int> pending = rt.submit([] { return 1; });
    twill::task_group unfinished;
    std::atomic<int> of_parent{0};
    for (int k = 0; k < 100; ++k) {
        unfinished.run([&] { ++of_parent; });
    }
    const pid_t child = fork();
    if (child == 0) {
        bool lost = false;
        try {
            pending.get();
        } catch (const twill::lost_in_fork&) {
            lost = true;
        }
        const bool runs = rt.run([] { return sum(); }) == expected;
        const bool submits = rt.submit([] { return 7; }).get() == 7;
        std::atomic<int> here{0};
        for (int k = 0; k < 100; ++k) {
            group.run([&] { ++here; });
        }
        group.wait();
        // None of the parent's tasks runs here, those that nobody had begun included.
        of_parent = 0;
        unfinished.wait();
        unfinished.run([&] { ++here; });
        unfinished.wait();
        _exit(lost && runs && submits && here == 101 && of_parent == 0 ? 0 : 1);
    }
    const int ended = end_of(child);
    go = true;
    for (twill::future<void>& one : busy) {
        one.get();
    }
    unfinished.wait();
    return ended == 0 && of_parent == 100 && pending.get() == 1 && ran == 1 ? 0 : 1;
}

bool own_runs(twill::runtime& own) {
    return own.worker_count() == 3 &&
           own.run([] { return twill::worker_count() == 3 && small_sum() == 45; }) &&
           own.submit([] { return small_sum(); }).get() == 45;
}

/// Whether a thread of the runtime, whose hook fills `seen`, is as the options say.
bool own_thread_is_as_asked(twill::runtime& own, std::atomic<int>& seen) {
    char name[16] = "";
    std::size_t stack = 0;
    own.run([&] {
        on_runtime_thread([&] {
            const pthread_t self = pthread_self();
            pthread_getname_np(self, name, sizeof name);
            pthread_attr_t attributes;
            if (pthread_getattr_np(self, &attributes) == 0) {
                pthread_attr_getstacksize(&attributes, &stack);
                pthread_attr_destroy(&attributes);
            }
        });
    });
    return std::string(name).rfind("mine-", 0) == 0 && stack >= large_stack && seen > 0;
}

// So many times as the argument says. Runtimes of the parent are in use between the forks, with
// threads that stay behind. Each child has both again by their options, and every tenth one looks
// at a thread.
int fork_many_times(const std::vector<std::string>& arguments) {
    const int times = std::stoi(arguments.at(0));
    std::atomic<int> started{0};
    twill::runtime own{
        {.workers = 3, .name = "mine", .stack_size = large_stack, .on_thread_start = [&] {
             ++started;
         }}};
    const int workers = twill::worker_count();
    on_runtime_thread([] {});
    bool good = own_thread_is_as_asked(own, started);
    for (int k = 0; k < times && good; ++k) {
        const pid_t child = fork();
        if (child == 0) {
            started = 0;
            std::atomic<int> ran{0};
            twill::task_group group;
            group.run([&] { ++ran; });
            group.wait();
            bool same = ran == 1 && twill::worker_count() == workers && small_sum() == 45;
            same = same && own_runs(own);
            if (k % 10 == 0) {
                on_runtime_thread([] {});
                same = same && own_thread_is_as_asked(own, started);
            }
            _exit(same ? 0 : 1);
        }
        good = small_sum() == 45 && own_runs(own) && end_of(child) == 0;
    }
    on_runtime_thread([] {});
    return good && sum() == expected && own_thread_is_as_asked(own, started) ? 0 : 1;
}

} // namespace

const std::vector<named_scenario>& fork_scenarios() {
    static const std::vector<named_scenario> all{
        {"fork_after_use", fork_after_use},
        {"fork_before_use", fork_before_use},
        {"fork_while_others_work", fork_while_others_work},
        {"fork_inside_a_task", fork_inside_a_task},
        {"fork_inside_a_task_and_exec", fork_inside_a_task_and_exec},
        {"fork_with_objects", fork_with_objects},
        {"fork_many_times", fork_many_times}};
    return all;
}
