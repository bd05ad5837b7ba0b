// SPDX-License-Identifier: Apache-2.0
// Programs that stand still, each in its own way, and some that only seem to.
#include "scenario.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <sys/wait.h>
#include <unistd.h>

namespace {

/// From now on what is written to stderr goes through a thread, which calls `told(n)` when the
/// report number n has come to its end.
void on_report(std::function<void(int)> told) {
    int ends[2];
    if (pipe(ends) != 0) {
        _exit(3);
    }
    const int real = dup(STDERR_FILENO);
    dup2(ends[1], STDERR_FILENO);
    std::thread([from = ends[0], real, told = std::move(told)] {
        std::string text;
        char buffer[512];
        int reports = 0;
        for (ssize_t length = 0; (length = read(from, buffer, sizeof buffer)) > 0;) {
            if (write(real, buffer, static_cast<std::size_t>(length)) < 0) {
                _exit(4);
            }
            text.append(buffer, static_cast<std::size_t>(length));
            std::size_t at = text.find(": hint: ");
            while (at != std::string::npos && text.find('\n', at) != std::string::npos) {
                text.erase(0, text.find('\n', at));
                told(++reports);
                at = text.find(": hint: ");
            }
        }
    }).detach();
}

void end_at_report() {
    on_report([](int) { _exit(0); });
}

/// A condition of the program that comes when somebody says so, or never.
class event {
public:
    void wait() {
        std::unique_lock held(lock_);
        condition_.wait(held, [this] { return set_; });
    }
    void set() {
        const std::lock_guard held(lock_);
        set_ = true;
        condition_.notify_all();
    }

private:
    std::mutex lock_;
    std::condition_variable condition_;
    bool set_ = false;
};

void fork_until(const std::atomic<bool>& flag) {
    while (!flag) {
        twill::parallel_invoke([] {}, [] {});
    }
}

void compute_for(std::chrono::milliseconds time) {
    const auto until = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < until) {
    }
}

int own_group(const std::vector<std::string>& /*arguments*/) {
    end_at_report();
    twill::task_group group;
    group.run([&] { group.wait(); });
    group.wait();
    return 1;
}

int own_submission(const std::vector<std::string>& /*arguments*/) {
    end_at_report();
    twill::runtime rt{{.workers = 1, .name = "solver"}};
    std::atomic<bool> begun{false};
    std::atomic<bool> known{false};
    twill::future<void> future;
    future = rt.submit([&] {
        begun = true;
        while (!known) {
            std::this_thread::yield();
        }
        future.wait();
    });
    while (!begun) {
        std::this_thread::yield();
    }
    known = true;
    future.wait();
    return 1;
}

int crossed_locks(const std::vector<std::string>& /*arguments*/) {
    end_at_report();
    std::mutex first;
    std::mutex second;
    std::atomic<bool> first_is_held{false};
    std::atomic<bool> second_is_held{false};
    twill::parallel_invoke(
        [&] {
            const std::lock_guard held(first);
            first_is_held = true;
            fork_until(second_is_held);
            const std::lock_guard wanted(second);
        },
        [&] {
            const std::lock_guard held(second);
            second_is_held = true;
            while (!first_is_held) {
                std::this_thread::yield();
            }
            const std::lock_guard wanted(first);
        });
    return 1;
}

int crossed_conditions(const std::vector<std::string>& /*arguments*/) {
    end_at_report();
    event first;
    event second;
    std::atomic<bool> both{false};
    twill::parallel_invoke(
        [&] {
            fork_until(both);
            first.wait();
            second.set();
        },
        [&] {
            both = true;
            second.wait();
            first.set();
        });
    return 1;
}

// A child that never ends, of a thread that waits for it in a join.
int endless_section(const std::vector<std::string>& /*arguments*/) {
    end_at_report();
    event never;
    std::atomic<bool> begun{false};
    twill::parallel_invoke([&] { fork_until(begun); },
                           [&] {
                               begun = true;
                               twill::blocking([&] { never.wait(); });
                           });
    return 1;
}

int lock_held_while_entering(const std::vector<std::string>& /*arguments*/) {
    end_at_report();
    std::mutex lock;
    std::atomic<bool> locked{false};
    std::atomic<bool> inside{false};
    std::thread other([&] {
        const std::lock_guard held(lock);
        locked = true;
        while (!inside) {
            std::this_thread::yield();
        }
        twill::parallel_invoke([] {}, [] {});
    });
    while (!locked) {
        std::this_thread::yield();
    }
    twill::parallel_for(0, 1, [&](int) {
        inside = true;
        const std::lock_guard wanted(lock);
    });
    other.join();
    return 1;
}

// A task of one runtime destroys another one, which has a task that never ends.
int runtime_that_cannot_end(const std::vector<std::string>& /*arguments*/) {
    end_at_report();
    event never;
    twill::parallel_for(0, 1, [&](int) {
        twill::runtime rt{{.workers = 1, .name = "solver"}};
        std::atomic<bool> begun{false};
        twill::future<void> future = rt.submit([&] {
            begun = true;
            never.wait();
        });
        while (!begun) {
            std::this_thread::yield();
        }
    });
    return 1;
}

int in_child_of_fork(const std::vector<std::string>& /*arguments*/) {
    twill::parallel_invoke([] {}, [] {});
    const pid_t child = fork();
    if (child == 0) {
        _exit(own_submission({}));
    }
    int status = 0;
    return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}

// Stands still twice, and long in between and afterwards.
int twice(const std::vector<std::string>& /*arguments*/) {
    event each[3];
    on_report([&each](int number) {
        std::this_thread::sleep_for(std::chrono::milliseconds(2500));
        each[number].set();
    });
    twill::task_group group;
    group.run([&] {
        each[1].wait();
        compute_for(std::chrono::milliseconds(500));
        each[2].wait();
    });
    group.wait();
    return 0;
}

int healthy(const std::vector<std::string>& /*arguments*/) {
    constexpr auto longer = std::chrono::milliseconds(2600);
    {
        std::atomic<bool> begun{false}; // a long serial task, for which a join waits
        twill::parallel_invoke([&] { fork_until(begun); },
                               [&] {
                                   begun = true;
                                   compute_for(longer);
                               });
    }
    {
        std::atomic<bool> begun{false}; // a section that sleeps, for which a join waits
        twill::parallel_invoke([&] { fork_until(begun); },
                               [&] {
                                   begun = true;
                                   twill::blocking([&] { std::this_thread::sleep_for(longer); });
                               });
    }
    event set_outside; // a section that somebody outside ends, and nobody else waits
    std::thread outside([&] {
        std::this_thread::sleep_for(longer);
        set_outside.set();
    });
    twill::parallel_for(0, 1, [&](int) { twill::blocking([&] { set_outside.wait(); }); });
    outside.join();
    // A runtime whose task is at work in another one.
    twill::runtime inner{{.workers = 1, .name = "inner"}};
    twill::future<void> later = inner.submit([&] { compute_for(longer); });
    twill::parallel_for(0, 1, [&](int) { later.wait(); });
    std::this_thread::sleep_for(longer); // nothing to do
    return 0;
}

} // namespace

const std::vector<named_scenario>& watchdog_scenarios() {
    static const std::vector<named_scenario> all{
        {"watchdog_own_group", own_group},
        {"watchdog_own_submission", own_submission},
        {"watchdog_crossed_locks", crossed_locks},
        {"watchdog_crossed_conditions", crossed_conditions},
        {"watchdog_endless_section", endless_section},
        {"watchdog_lock_held_while_entering", lock_held_while_entering},
        {"watchdog_in_child_of_fork", in_child_of_fork},
        {"watchdog_runtime_that_cannot_end", runtime_that_cannot_end},
        {"watchdog_twice", twice},
        {"watchdog_healthy", healthy},
    };
    return all;
}
