// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support.hpp"

#include <twill/twill.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <numeric>
#include <thread>
#include <vector>

namespace twill_test {

/// The CPU time of the calling thread in nanoseconds.
inline std::int64_t own_cpu() noexcept {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

/// A program of tasks, one round of it some milliseconds, and the load of the runtime it uses.
struct program {
    const char* name;
    void (*round)();
    twill::load_snapshot (*load)() = &twill::load;
    bool sleeps = false; ///< every task does
};

namespace programs {

inline void fork_tree() { keep(static_cast<std::uint64_t>(fib(24))); }

/// A tree of ten children a node: loops in loops.
inline std::uint64_t skynet(std::uint64_t first, std::uint64_t leaves) {
    if (leaves == 1) {
        return first;
    }
    return twill::parallel_reduce(
        0, 10, std::uint64_t{0},
        [first, part = leaves / 10](int k) {
            return skynet(first + static_cast<std::uint64_t>(k) * part, part);
        },
        std::plus<>());
}
inline void nested_loops() { keep(skynet(0, 100'000)); }

/// A tree whose shape nobody knows before: a node has up to five children, by a hash.
inline std::uint64_t hashed_tree(std::uint64_t seed, int depth) {
    seed = work(50, seed);
    if (depth == 0) {
        return 1;
    }
    const int children = static_cast<int>(seed % 6);
    return 1 + twill::parallel_reduce(
                   0, children, std::uint64_t{0},
                   [seed, depth](int k) {
                       return hashed_tree(seed + static_cast<std::uint64_t>(k) + 1, depth - 1);
                   },
                   std::plus<>());
}
inline void unbalanced_tree() { keep(hashed_tree(18, 8) + hashed_tree(3, 8) + hashed_tree(5, 8)); }

inline void loop() {
    static std::vector<double> x(400'000, 1.0);
    twill::parallel_for_each(x, [](double& element) { element = element * 0.5 + 1; });
}

inline void reduction() {
    keep(twill::parallel_reduce(
        0, 20'000, std::uint64_t{0},
        [](int k) { return work(100, static_cast<std::uint64_t>(k) + 1); }, std::plus<>()));
}

/// With as many workers as the default runtime. The tasks are long against the entry of a thread
/// from outside, which runs those on the spot that have not begun.
inline twill::runtime& other_runtime() {
    static twill::runtime one{{.workers = twill::worker_count(), .name = "submissions"}};
    return one;
}
inline twill::load_snapshot load_of_other() { return other_runtime().load(); }
inline void submissions() {
    std::vector<twill::future<std::uint64_t>> results;
    for (int k = 0; k < 20; ++k) {
        results.push_back(other_runtime().submit(
            [k] { return work(200'000, static_cast<std::uint64_t>(k) + 1); }));
    }
    for (auto& result : results) {
        keep(result.get());
    }
}

inline void group() {
    twill::task_group tasks;
    for (int k = 0; k < 2000; ++k) {
        tasks.run([k] { keep(work(1000, static_cast<std::uint64_t>(k) + 1)); });
    }
    tasks.wait();
}

/// Groups and loops within tasks of a group.
inline void nested_groups() {
    twill::task_group outer;
    for (int k = 0; k < 8; ++k) {
        outer.run([] {
            twill::task_group inner;
            for (int j = 0; j < 50; ++j) {
                inner.run([j] { keep(work(2000, static_cast<std::uint64_t>(j) + 1)); });
            }
            twill::parallel_for(0, 64,
                                [](int j) { keep(work(500, static_cast<std::uint64_t>(j) + 1)); });
            inner.wait();
        });
    }
    outer.wait();
}

/// Threads of the program enter with verbs of their own, more of them than cores.
inline void guests() {
    on_threads(4, [](int) {
        for (int k = 0; k < 4; ++k) {
            reduction();
        }
    });
}

/// Tasks that wait outside of their worker while others compute.
inline void blocking_tasks() {
    twill::task_group tasks;
    for (int k = 0; k < 8; ++k) {
        tasks.run([] {
            keep(work(500'000));
            twill::blocking([] { std::this_thread::sleep_for(std::chrono::microseconds(500)); });
            keep(work(500'000));
        });
    }
    tasks.wait();
}

} // namespace programs

/// What the accounts are held against the clocks with.
inline constexpr std::array<program, 10> ten_programs = {{
    {"a tree of forks", programs::fork_tree},
    {"loops in loops", programs::nested_loops},
    {"an unbalanced tree", programs::unbalanced_tree},
    {"a loop", programs::loop},
    {"a reduction", programs::reduction},
    {"submissions", programs::submissions, programs::load_of_other},
    {"a group", programs::group},
    {"nested groups", programs::nested_groups},
    {"guests", programs::guests},
    {"blocking tasks", programs::blocking_tasks, &twill::load, true},
}};

/// The load while a program ran for about `wall`.
inline twill::load_window window_of(const program& one, std::chrono::nanoseconds wall) {
    const twill::load_snapshot before = one.load();
    const auto end = std::chrono::steady_clock::now() + wall;
    do {
        one.round();
    } while (std::chrono::steady_clock::now() < end);
    return one.load() - before;
}

} // namespace twill_test
