// SPDX-License-Identifier: Apache-2.0
// Coroutines that call verbs, and go on in another task or thread than the one that they began in.
#include "support.hpp"

#include <coroutine>
#include <exception>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace twill_test;

/// A coroutine that runs as far as its next pause, on whatever thread resumes it.
struct stages {
    struct promise_type {
        stages get_return_object() {
            return stages(std::coroutine_handle<promise_type>::from_promise(*this));
        }
        std::suspend_always initial_suspend() noexcept { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        std::suspend_always yield_value(int value) noexcept {
            last = value;
            return {};
        }
        void return_void() {}
        void unhandled_exception() { std::terminate(); }
        int last = 0;
    };

    explicit stages(std::coroutine_handle<promise_type> of) : handle(of) {}
    stages(stages&& other) noexcept : handle(std::exchange(other.handle, {})) {}
    ~stages() {
        if (handle) {
            handle.destroy();
        }
    }
    int next() {
        handle.resume();
        return handle.promise().last;
    }

    std::coroutine_handle<promise_type> handle;
};

stages three_fibs() {
    for (int n = 8; n < 11; ++n) {
        int found = 0;
        twill::parallel_invoke([&] { found = fib(n); }, [] { keep(work(20)); });
        co_yield found;
    }
}

// Each stage begins on another thread than the one before: in a task, or outside.
TEST(coroutine, goes_on_in_other_tasks_and_threads) {
    EXPECT_TRUE(repeat_until_stolen(scaled(30), [] {
        std::vector<stages> all;
        for (int k = 0; k < 20; ++k) {
            all.push_back(three_fibs());
        }
        const auto sum_of_next = [&all] {
            return twill::parallel_reduce(
                std::size_t{0}, all.size(), 0, [&all](std::size_t k) { return all[k].next(); },
                [](int a, int b) { return a + b; }, twill::grain(1));
        };
        EXPECT_EQ(sum_of_next(), 20 * 21);
        int outside = 0;
        std::thread([&] {
            for (stages& one : all) {
                outside += one.next();
            }
        }).join();
        EXPECT_EQ(outside, 20 * 34);
        EXPECT_EQ(sum_of_next(), 20 * 55);
    }));
}

} // namespace
