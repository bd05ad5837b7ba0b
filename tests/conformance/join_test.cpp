// SPDX-License-Identifier: Apache-2.0
// What a task may rely on across a join: its locks, its thread, its thread_local scratch.
#include "support.hpp"

#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace {

using namespace twill_test;

/// Forks whose leaves take `steps` each. Returns how many leaves ran on other threads.
int spread(int depth, int steps, std::thread::id home) {
    if (depth == 0) {
        keep(work(steps));
        return std::this_thread::get_id() == home ? 0 : 1;
    }
    const auto [a, b] = twill::parallel_invoke([=] { return spread(depth - 1, steps, home); },
                                               [=] { return spread(depth - 1, steps, home); });
    return a + b;
}

// Locks are taken inside of tasks: whoever holds one and then enters from outside may have to wait
// for a place that somebody keeps who waits for the lock.

TEST(join, holds_a_mutex_that_siblings_want) {
    std::mutex lock;
    int sections = 0; // guarded by the lock
    until_moved(scaled(100), [&] {
        std::atomic<int> moved{0};
        const auto section = [&](int before) {
            keep(work(before));
            const std::lock_guard guard(lock);
            const int at_begin = ++sections;
            moved += spread(4, 2000, std::this_thread::get_id());
            EXPECT_EQ(sections, at_begin);
        };
        twill::parallel_invoke([&] { section(100); }, [&] { section(3000); },
                               [&] { section(500); });
        return moved.load();
    });
    EXPECT_EQ(sections % 3, 0);
}

TEST(join, holds_a_mutex_that_unrelated_tasks_want) {
    std::mutex lock;
    std::atomic<bool> stop{false};
    int sections = 0; // guarded by the lock
    std::vector<std::thread> guests;
    for (int k = 0; k < 2; ++k) {
        guests.emplace_back([&] {
            while (!stop) {
                twill::parallel_for(0, 8, [&](int) {
                    const std::lock_guard guard(lock);
                    ++sections;
                });
                std::this_thread::yield();
            }
        });
    }
    until_moved(scaled(100), [&] {
        int moved = 0;
        const auto section = [&] {
            const std::lock_guard guard(lock);
            const int before = sections;
            moved = spread(5, 2000, std::this_thread::get_id());
            EXPECT_EQ(sections, before);
        };
        twill::parallel_invoke(section, [] {});
        return moved;
    });
    stop = true;
    for (auto& guest : guests) {
        guest.join();
    }
}

// A lock for each node of a tree of forks, held while its subtree runs, and strangers who take
// them in passing.
TEST(join, holds_mutexes_at_every_level) {
    constexpr int depth = 6;
    std::vector<std::mutex> locks(2 << depth);
    std::atomic<bool> stop{false};
    std::function<int(std::size_t, std::thread::id)> visit = [&](std::size_t node,
                                                                 std::thread::id parent) -> int {
        const std::lock_guard guard(locks[node]);
        const auto self = std::this_thread::get_id();
        const int moved = self == parent ? 0 : 1;
        if (2 * node + 1 >= locks.size()) {
            keep(work(1000));
            return moved;
        }
        const auto [a, b] = twill::parallel_invoke([&] { return visit(2 * node, self); },
                                                   [&] { return visit(2 * node + 1, self); });
        EXPECT_EQ(std::this_thread::get_id(), self);
        return moved + a + b;
    };
    std::thread stranger([&] {
        for (std::size_t k = 0; !stop; ++k) {
            twill::parallel_for(0, 4, [&](int i) {
                const std::size_t node = 1 + (k * 4 + static_cast<std::size_t>(i)) % 127;
                const std::lock_guard guard(locks[node]);
                keep(work(10));
            });
            std::this_thread::yield();
        }
    });
    until_moved(scaled(50), [&] {
        const auto [moved] =
            twill::parallel_invoke([&] { return visit(1, std::this_thread::get_id()); });
        return moved;
    });
    stop = true;
    stranger.join();
}

// The holder waits for a child that sleeps, and its place goes to a task that wants the lock.
TEST(join, holds_a_mutex_while_its_place_goes_to_who_wants_it) {
    if (twill::worker_count() == 1) {
        GTEST_SKIP() << "one worker";
    }
    std::mutex lock;
    for (int round = 0; round < 5; ++round) {
        std::atomic<bool> stolen{false};
        std::atomic<bool> wanted{false};
        std::atomic<bool> held{false};
        std::thread guest;
        twill::parallel_invoke(
            [&] {
                const std::lock_guard guard(lock);
                held = true;
                twill::parallel_invoke(
                    [&] {
                        while (!stolen) {
                            twill::parallel_invoke([] {}, [] {});
                        }
                        guest = std::thread([&] {
                            twill::parallel_for(0, 2, [&](int) {
                                wanted = true;
                                const std::lock_guard also(lock);
                                EXPECT_FALSE(held);
                            });
                        });
                    },
                    [&] {
                        stolen = true;
                        std::this_thread::sleep_for(std::chrono::milliseconds(50));
                    });
                held = false;
            },
            [] { keep(work(100)); });
        guest.join();
        EXPECT_TRUE(wanted);
    }
}

thread_local int scratch = -1;

// Siblings write the scratch of their thread; what runs inside a join never is a sibling.
TEST(join, leaves_thread_local_scratch_alone) {
    until_moved(scaled(100), [&] {
        std::atomic<int> moved{0};
        twill::parallel_for(0, 64, [&](int i) {
            const int before = scratch;
            scratch = i;
            moved += spread(4, 500, std::this_thread::get_id());
            EXPECT_EQ(scratch, i);
            std::atomic<int> calls{0};
            twill::parallel_for(0, 100, [&](int) { ++calls; });
            EXPECT_EQ(calls, 100);
            EXPECT_EQ(scratch, i);
            scratch = before;
        });
        return moved.load();
    });
    EXPECT_EQ(scratch, -1);
}

int compare_threads(int depth) {
    const auto self = std::this_thread::get_id();
    if (depth == 0) {
        keep(work(300));
        return 0;
    }
    const auto [a, b] = twill::parallel_invoke([=] { return compare_threads(depth - 1); },
                                               [=] { return compare_threads(depth - 1); });
    return a + b + (std::this_thread::get_id() == self ? 0 : 1);
}

TEST(join, never_moves_a_task_to_another_thread) {
    EXPECT_TRUE(repeat_until_stolen(scaled(100), [] {
        ASSERT_EQ(compare_threads(8), 0);
        std::atomic<int> moved{0};
        twill::parallel_for(0, 50, [&](int) {
            const auto self = std::this_thread::get_id();
            twill::parallel_for(0, 50, [](int) { keep(work(50)); });
            moved += std::this_thread::get_id() == self ? 0 : 1;
            const int worker = twill::this_worker();
            moved += worker >= 0 && worker < twill::worker_count() ? 0 : 1;
        });
        ASSERT_EQ(moved, 0);
    }));
}

TEST(join, holds_a_mutex_across_nested_loops) {
    std::mutex lock;
    long sum = 0; // guarded by the lock
    until_moved(scaled(50), [&] {
        sum = 0;
        std::atomic<int> moved{0};
        twill::parallel_for(0, 6, [&](int i) {
            keep(work(2000 * i));
            const std::lock_guard guard(lock);
            const auto home = std::this_thread::get_id();
            const long before = sum;
            const long inner = twill::parallel_reduce(
                0, 100, 0L,
                [&](int k) {
                    keep(work(200));
                    moved += std::this_thread::get_id() == home ? 0 : 1;
                    return long{k};
                },
                std::plus<>());
            EXPECT_EQ(sum, before);
            sum += inner;
        });
        EXPECT_EQ(sum, 6 * 4950);
        return moved.load();
    });
}

// A recursive lock is what tells a thread from a task: an unrelated task on the same thread would
// get it and find the owner's work half done.
TEST(join, holds_a_recursive_mutex) {
    std::recursive_mutex lock;
    bool inside = false; // guarded by the lock
    until_moved(scaled(50), [&] {
        std::atomic<int> moved{0};
        twill::parallel_for(0, 8, [&](int i) {
            keep(work(1000 * i));
            const std::lock_guard guard(lock);
            EXPECT_FALSE(inside);
            inside = true;
            moved += spread(4, 1000, std::this_thread::get_id());
            EXPECT_TRUE(inside);
            inside = false;
        });
        return moved.load();
    });
}

/// Two children with serial leaves each: joins that block, again and again.
int blocking_tree(int depth) {
    if (depth == 0) {
        keep(work(20'000));
        return 1;
    }
    const auto [a, b] = twill::parallel_invoke([=] { return blocking_tree(depth - 1); },
                                               [=] { return blocking_tree(depth - 1); });
    return a + b;
}

TEST(join, creates_few_threads) {
    EXPECT_TRUE(repeat_until_stolen(scaled(50), [] { EXPECT_EQ(blocking_tree(5), 32); }));
    const auto threads = twill::load().since_start.total().threads;
    EXPECT_LE(threads, 4U * static_cast<unsigned>(twill::worker_count()) + 16U);
}

} // namespace
