// SPDX-License-Identifier: Apache-2.0
// task_group: who may wait, what runs meanwhile, and whose the tasks are.
#include "group_support.hpp"

#include <mutex>

namespace {

using namespace twill_test;

TEST(task_group_wait, may_be_called_by_several_threads_outside) {
    for (int round = 0; round < scaled(100); ++round) {
        std::atomic<int> all{0};
        twill::task_group group;
        on_threads(5, [&](int) {
            for (int again = 0; again < 3; ++again) {
                std::atomic<int> own{0};
                for (int k = 0; k < 50; ++k) {
                    group.run([&all, &own] {
                        keep(work(20));
                        ++own;
                        ++all;
                    });
                }
                group.wait();
                ASSERT_EQ(own, 50);
            }
        });
        ASSERT_EQ(all, 750);
    }
}

// The only worker has begun the first task; at its end it gives its place to the thread that waits,
// which then runs the others: they are in its caches.
TEST(task_group_wait, outside_takes_the_place_of_who_works_for_the_group) {
    if (twill::worker_count() != 1) {
        GTEST_SKIP() << "with one worker only";
    }
    const auto self = std::this_thread::get_id();
    for (int round = 0; round < scaled(20); ++round) {
        std::atomic<bool> begun{false};
        std::atomic<bool> goes_on{false};
        std::atomic<int> here{0};
        std::atomic<int> ran{0};
        twill::task_group group;
        group.run([&] {
            begun = true;
            while (!goes_on) {
                std::this_thread::yield();
            }
        });
        while (!begun) {
            std::this_thread::yield();
        }
        for (int k = 0; k < 50; ++k) {
            group.run([&] {
                ++ran;
                here += std::this_thread::get_id() == self ? 1 : 0;
            });
        }
        std::thread later([&goes_on] {
            std::this_thread::sleep_for(std::chrono::milliseconds(5)); // this thread waits by then
            goes_on = true;
        });
        group.wait();
        later.join();
        ASSERT_EQ(ran, 50);
        if (here == 50) {
            return;
        }
    }
    ADD_FAILURE() << "in no round did the thread that waited run the tasks";
}

TEST(task_group_wait, may_be_called_by_several_tasks) {
    EXPECT_TRUE(repeat_until_stolen(scaled(100), [] {
        std::atomic<int> ran{0};
        std::atomic<int> too_early{0};
        twill::task_group group;
        put_counted(group, 200, ran);
        std::thread outside([&] {
            put_counted(group, 50, ran);
            group.wait();
            too_early += ran < 250 ? 1 : 0;
        });
        twill::parallel_for(0, 8, [&](int) {
            group.wait();
            too_early += ran < 200 ? 1 : 0;
        });
        outside.join();
        group.wait();
        ASSERT_EQ(ran, 250);
        ASSERT_EQ(too_early, 0);
    }));
}

TEST(task_group_wait, gives_an_exception_to_one_of_several) {
    for (int round = 0; round < scaled(100); ++round) {
        std::atomic<int> caught{0};
        twill::task_group group;
        group.run([] { throw 3; });
        on_threads(4, [&](int) {
            try {
                group.wait();
            } catch (int) {
                ++caught;
            }
        });
        ASSERT_EQ(caught, 1);
    }
}

// Each task waits for a sleeping one, so that all who wait have gone to sleep, and then puts in
// what only they are there for.
TEST(task_group_wait, wakes_for_tasks_that_come_late) {
    for (int round = 0; round < scaled(20); ++round) {
        std::atomic<int> ran{0};
        twill::task_group group;
        group.run([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
            put_counted(group, 100, ran);
        });
        on_threads(3, [&](int k) {
            if (k == 0) {
                twill::parallel_for(0, 2, [&](int) { group.wait(); });
            } else {
                group.wait();
            }
            ASSERT_EQ(ran, 100);
        });
    }
}

/// Threads outside whose tasks take a lock, by forks and by groups, as long as this lives.
template <class Section>
class strangers {
public:
    explicit strangers(Section section) {
        for (int k = 0; k < 2; ++k) {
            threads_.emplace_back([this, section, k] {
                while (!stop_) {
                    if (k == 0) {
                        twill::parallel_for(0, 8, [&](int) { section(); });
                    } else {
                        twill::task_group group;
                        for (int task = 0; task < 8; ++task) {
                            group.run(section);
                        }
                        group.wait();
                    }
                    std::this_thread::yield();
                }
            });
        }
    }
    strangers(const strangers&) = delete;
    strangers& operator=(const strangers&) = delete;
    ~strangers() {
        stop_ = true;
        for (auto& thread : threads_) {
            thread.join();
        }
    }

private:
    std::atomic<bool> stop_{false};
    std::vector<std::thread> threads_;
};

/// A group of tasks that put in others. Returns how many ran on other threads.
int spread_by_group(int tasks, int steps) {
    const auto home = std::this_thread::get_id();
    std::atomic<int> moved{0};
    std::atomic<int> ran{0};
    const auto step = [&moved, &ran, steps, home] {
        keep(work(steps));
        ++ran;
        moved += std::this_thread::get_id() == home ? 0 : 1;
    };
    twill::task_group group;
    for (int k = 0; k < tasks; ++k) {
        group.run([&group, &step] {
            step();
            group.run(step);
        });
    }
    group.wait();
    EXPECT_EQ(ran, 2 * tasks);
    return moved;
}

// Whoever holds the lock waits for its group; siblings, forks and other groups want the lock.
TEST(task_group_wait, holds_a_mutex_that_unrelated_tasks_want) {
    std::mutex lock;
    int sections = 0; // guarded by the lock
    const strangers others([&] {
        const std::lock_guard guard(lock);
        ++sections;
    });
    until_moved(scaled(100), [&] {
        std::atomic<int> moved{0};
        twill::parallel_for(0, 4, [&](int) {
            const std::lock_guard guard(lock);
            const int before = ++sections;
            moved += spread_by_group(10, 2000);
            EXPECT_EQ(sections, before);
        });
        return moved.load();
    });
}

// The same thread would get a recursive lock: an unrelated task would find the work half done.
TEST(task_group_wait, holds_a_recursive_mutex) {
    std::recursive_mutex lock;
    bool inside = false; // guarded by the lock
    const strangers others([&] {
        const std::lock_guard guard(lock);
        EXPECT_FALSE(inside);
    });
    until_moved(scaled(100), [&] {
        std::atomic<int> moved{0};
        twill::task_group outer;
        for (int k = 0; k < 4; ++k) {
            outer.run([&] {
                const std::lock_guard guard(lock);
                EXPECT_FALSE(inside);
                inside = true;
                moved += spread_by_group(10, 2000);
                EXPECT_TRUE(inside);
                inside = false;
            });
        }
        outer.wait();
        return moved.load();
    });
}

// A lock for each node of a tree of groups, held while the subtree runs.
// NOLINTNEXTLINE(misc-no-recursion)
void visit(std::vector<std::mutex>& locks, std::size_t node, std::atomic<int>& moved,
           std::thread::id parent) {
    const std::lock_guard guard(locks[node]);
    const auto self = std::this_thread::get_id();
    moved += self == parent ? 0 : 1;
    if (2 * node + 1 >= locks.size()) {
        keep(work(1000));
        return;
    }
    twill::task_group group;
    for (std::size_t child = 2 * node; child <= 2 * node + 1; ++child) {
        group.run([&locks, &moved, child, self] { visit(locks, child, moved, self); });
    }
    group.wait();
    EXPECT_EQ(std::this_thread::get_id(), self);
}

TEST(task_group_wait, holds_mutexes_at_every_level) {
    std::vector<std::mutex> locks(128);
    std::atomic<std::size_t> next{0};
    const strangers others([&] {
        const std::lock_guard guard(locks[1 + next++ % 127]);
        keep(work(10));
    });
    until_moved(scaled(50), [&] {
        std::atomic<int> moved{0};
        twill::parallel_invoke([&] { visit(locks, 1, moved, std::this_thread::get_id()); });
        return moved.load();
    });
}

thread_local int scratch = -1;

TEST(task_group_wait, leaves_thread_local_scratch_alone) {
    const strangers others([] {
        scratch = -2;
        keep(work(100));
        scratch = -1;
    });
    until_moved(scaled(100), [&] {
        std::atomic<int> moved{0};
        twill::parallel_for(0, 16, [&](int i) {
            const auto self = std::this_thread::get_id();
            const int before = scratch;
            scratch = i;
            moved += spread_by_group(5, 500);
            EXPECT_EQ(scratch, i);
            EXPECT_EQ(std::this_thread::get_id(), self);
            scratch = before;
        });
        return moved.load();
    });
    EXPECT_EQ(scratch, -1);
}

/// Not the number of workers that the default runtime has.
int another_count() { return twill::worker_count() + 2; }

TEST(task_group_owner, is_the_runtime_of_the_task_that_makes_it) {
    twill::runtime other{{.workers = another_count()}};
    const int count = other.worker_count();
    std::atomic<int> there{0};
    const auto task = [&] { there += twill::worker_count() == count ? 1 : 0; };
    other.run([&] {
        twill::task_group group;
        for (int k = 0; k < 50; ++k) {
            group.run(task);
        }
        // Other threads put tasks in, and wait: in the group's runtime all the same.
        on_threads(2, [&](int k) {
            EXPECT_NE(twill::worker_count(), count);
            if (k == 0) {
                group.run(task);
                group.wait();
            } else {
                twill::parallel_for(0, 10, [&](int) { group.run(task); });
            }
        });
        group.wait();
    });
    EXPECT_EQ(there, 61);
}

TEST(task_group_owner, is_the_default_runtime_outside) {
    twill::runtime other{{.workers = another_count()}};
    const int count = twill::worker_count();
    std::atomic<int> there{0};
    const auto task = [&] {
        there += twill::worker_count() == count && twill::this_worker() >= 0 ? 1 : 0;
    };
    for (int round = 0; round < scaled(50); ++round) {
        there = 0;
        twill::task_group group;
        group.run(task);
        other.run([&] {
            const auto self = std::this_thread::get_id();
            for (int k = 0; k < 20; ++k) {
                group.run(task);
            }
            group.wait();
            EXPECT_EQ(there, 21);
            EXPECT_EQ(twill::worker_count(), other.worker_count());
            EXPECT_GE(twill::this_worker(), 0);
            EXPECT_EQ(std::this_thread::get_id(), self);
            group.run(task);
        });
        group.wait();
        ASSERT_EQ(there, 22);
    }
}

// A wait for the group of another runtime gives the worker up meanwhile.
TEST(task_group_owner, may_be_waited_for_in_a_runtime_of_one) {
    twill::runtime one{{.workers = 1}};
    twill::runtime two{{.workers = 1}};
    for (int round = 0; round < scaled(50); ++round) {
        std::atomic<int> ran{0};
        one.run([&] {
            twill::task_group group;
            group.run([&] {
                two.run([&] {
                    group.run([&ran] { ++ran; });
                    ++ran;
                });
            });
            group.wait();
        });
        ASSERT_EQ(ran, 2);
    }
}

TEST(task_group_wait, outside_is_a_verb_for_the_load_whoever_runs_the_tasks) {
    std::atomic<bool> begun{false};
    const twill::load_snapshot before = twill::load();
    twill::task_group group;
    group.run([&begun] {
        begun = true;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    });
    // A thread of the runtime has it, so the wait has nothing to run.
    while (!begun) {
        std::this_thread::yield();
    }
    const auto began = std::chrono::steady_clock::now();
    group.wait();
    const std::chrono::nanoseconds waited = std::chrono::steady_clock::now() - began;
    const std::chrono::nanoseconds counted = (twill::load() - before).in_verbs;
    EXPECT_LE(counted, waited + std::chrono::milliseconds(1));
    EXPECT_GE(counted, waited - std::chrono::milliseconds(1));
}

} // namespace
