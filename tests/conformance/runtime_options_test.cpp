// SPDX-License-Identifier: Apache-2.0
// What options of a runtime do to its threads, and how many workers may be active.
#include "child_process.hpp"
#include "support.hpp"

#include <algorithm>
#include <cstdio>
#include <pthread.h>

namespace {

using namespace twill_test;

/// Whether so many tasks run at the same time: each waits for the others.
bool run_together(twill::runtime& rt, int tasks) {
    std::atomic<int> begun{0};
    std::atomic<int> met{0};
    std::vector<twill::future<void>> all;
    for (int k = 0; k < tasks; ++k) {
        all.push_back(rt.submit([&] {
            ++begun;
            met += eventually([&] { return begun == tasks; }) ? 1 : 0;
        }));
    }
    for (auto& one : all) {
        one.wait();
    }
    return met == tasks;
}

/// The most tasks that run at the same time, of many short ones.
int most_together(twill::runtime& rt) {
    std::atomic<int> running{0};
    std::atomic<int> most{0};
    rt.run([&] {
        twill::parallel_for(0, 200, [&](int) {
            raise_to(most, ++running);
            std::this_thread::sleep_for(std::chrono::microseconds(50));
            --running;
        });
    });
    return most;
}

TEST(set_active, takes_what_there_is_and_says_what_came_of_it) {
    constexpr int workers = 8;
    twill::runtime rt{{.workers = workers}};
    const int all = rt.load().since_start.awake_limit; // as many as the machine allows
    ASSERT_LE(all, workers);
    const auto expect_active = [&](int asked, int expected) {
        EXPECT_EQ(rt.set_active(asked), expected) << asked;
        EXPECT_EQ(rt.load().since_start.awake_limit, expected) << asked;
        EXPECT_EQ(rt.worker_count(), workers);
        EXPECT_EQ(rt.run([] { return twill::worker_count(); }), workers);
        EXPECT_LE(most_together(rt), expected) << asked;
        EXPECT_TRUE(run_together(rt, expected)) << asked;
    };
    expect_active(1, 1);
    expect_active(workers, all);
    expect_active(2, std::min(2, all));
    expect_active(0, 1);
    expect_active(workers + 1, all);
    expect_active(-7, 1);
    expect_active(all, all);
}

TEST(set_active, stops_no_task_in_the_middle) {
    twill::runtime rt{{.workers = 2}};
    if (rt.load().since_start.awake_limit < 2) {
        GTEST_SKIP() << "the machine has one core for this program";
    }
    for (int round = 0; round < 10; ++round) {
        ASSERT_EQ(rt.set_active(2), 2);
        std::atomic<int> begun{0};
        std::atomic<bool> reduced{false};
        std::atomic<int> steps{0};
        std::atomic<bool> third{false};
        // Both go on by turns although only one may be active: neither could alone.
        const auto by_turns = [&](int mine) {
            ++begun;
            ASSERT_TRUE(eventually([&] { return reduced.load(); }));
            for (int k = 0; k < 10; ++k) {
                ASSERT_TRUE(eventually([&] { return steps % 2 == mine; }));
                EXPECT_FALSE(third);
                ++steps;
            }
        };
        twill::future<void> first = rt.submit([&] { by_turns(0); });
        twill::future<void> second = rt.submit([&] { by_turns(1); });
        twill::future<void> later;
        ASSERT_TRUE(eventually([&] { return begun == 2; }));
        EXPECT_EQ(rt.set_active(1), 1);
        later = rt.submit([&] { third = true; });
        reduced = true;
        first.get();
        second.get();
        later.get();
        EXPECT_EQ(steps, 20);
        EXPECT_EQ(most_together(rt), 1);
    }
}

TEST(set_active, raises_the_limit_inside_of_a_task) {
    twill::runtime rt{{.workers = 2}};
    const int all = rt.load().since_start.awake_limit;
    EXPECT_EQ(rt.set_active(1), 1);
    std::atomic<bool> other{false};
    rt.run([&] {
        EXPECT_EQ(rt.set_active(2), all);
        if (all == 2) {
            bool seen = false;
            twill::parallel_invoke([&] { seen = eventually([&] { return other.load(); }); },
                                   [&] { other = true; });
            EXPECT_TRUE(seen);
        }
    });
}

// The mask narrows and widens around what was set; the child prints what set_active() returns.
TEST(set_active, is_the_least_of_what_is_set_and_what_the_machine_allows) {
    const int cores = std::stoi(run_child({"workers"}).out);
    if (cores < 2) {
        GTEST_SKIP() << "needs two cores";
    }
    const child_result child = run_child({"active_under_mask"});
    EXPECT_EQ(child.exit_code, 0) << child.signal;
    EXPECT_EQ(child.err, "");
    const std::string all = std::to_string(cores);
    EXPECT_EQ(child.out, "all: " + all + " 1 " + all + "\none: 1 1\nall: 1 " + all + "\n");
}

struct stack_of_thread {
    std::size_t size = 0;
    bool used = false;
};

/// How large the stack of a thread of the runtime is, after `use` bytes of it were written to.
stack_of_thread look_at_stack(twill::runtime& rt, std::size_t use) {
    stack_of_thread found;
    twill::future<void> looked = rt.submit([&] {
        pthread_attr_t attributes;
        if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
            pthread_attr_getstacksize(&attributes, &found.size);
            pthread_attr_destroy(&attributes);
        }
        auto* memory = static_cast<volatile char*>(__builtin_alloca(use));
        for (std::size_t k = 0; k < use; k += 4096) {
            memory[use - 1 - k] = 1;
        }
        found.used = true;
    });
    EXPECT_TRUE(looked.wait_for(patience)); // which runs nothing itself
    return found;
}

TEST(stack_size, is_what_was_asked_for) {
    constexpr std::size_t mebibyte = std::size_t{1} << 20;
    twill::runtime large{{.workers = 2, .stack_size = 64 * mebibyte}};
    const stack_of_thread of_large = look_at_stack(large, 48 * mebibyte);
    EXPECT_TRUE(of_large.used);
    EXPECT_GE(of_large.size, 64 * mebibyte);
    EXPECT_LE(of_large.size, 66 * mebibyte);
    if (!address_sanitizer && !thread_sanitizer) { // whose stacks are larger
        twill::runtime small{{.workers = 2, .stack_size = mebibyte / 4}};
        const stack_of_thread of_small = look_at_stack(small, mebibyte / 16);
        EXPECT_TRUE(of_small.used);
        EXPECT_GE(of_small.size, mebibyte / 4);
        EXPECT_LE(of_small.size, mebibyte);
    }
    // Each has its own, and the default has what it had.
    twill::runtime usual;
    const stack_of_thread of_usual = look_at_stack(usual, 1);
    EXPECT_NE(of_usual.size, of_large.size);
    EXPECT_GE(of_usual.size, mebibyte);
}

} // namespace
