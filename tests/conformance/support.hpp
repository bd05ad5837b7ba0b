// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "../whitebox/support/eventually.hpp"

#include <twill/twill.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <thread>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#define TWILL_TEST_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TWILL_TEST_ADDRESS_SANITIZER 1
#endif
#endif
#if defined(TWILL_THREAD_SANITIZER)
#define TWILL_TEST_THREAD_SANITIZER 1
#endif

namespace twill_test {

#if defined(TWILL_TEST_ADDRESS_SANITIZER)
inline constexpr bool address_sanitizer = true;
#else
inline constexpr bool address_sanitizer = false;
#endif
#if defined(TWILL_TEST_THREAD_SANITIZER)
inline constexpr bool thread_sanitizer = true;
#else
inline constexpr bool thread_sanitizer = false;
#endif

/// A number of repetitions for this build: sanitizers are ten times slower.
constexpr int scaled(int repetitions) noexcept {
    const bool slow = address_sanitizer || thread_sanitizer;
    return slow && repetitions > 10 ? repetitions / 10 : repetitions;
}

/// A number of repetitions that the ctest entries with the label `long` raise to `campaign`.
inline int usual_or_long(int usual, int campaign) noexcept {
    return std::getenv("CONFORMANCE_LONG") != nullptr ? campaign : scaled(usual);
}

using twill::testing_support::eventually;
using twill::testing_support::patience;

/// Calls `body(k)` on threads of its own for k in [0, count), and waits for them.
template <class Body>
void on_threads(int count, Body body) {
    std::vector<std::thread> threads;
    for (int k = 0; k < count; ++k) {
        threads.emplace_back(body, k);
    }
    for (auto& thread : threads) {
        thread.join();
    }
}

/// Raises `most` to `value` where that is more.
inline void raise_to(std::atomic<int>& most, int value) noexcept {
    int seen = most.load();
    while (seen < value && !most.compare_exchange_weak(seen, value)) {
    }
}

/// Jobs that ran on another thread than the one that forked them, so far.
inline std::uint64_t moved_jobs() {
    const twill::worker_load total = twill::load().since_start.total();
    return total.stolen + total.leapfrogged;
}

/// Runs `body` at least `rounds` times, and on until jobs have moved between threads in it. False
/// if none did for the whole of `patience`: then the test has tested nothing.
template <class Body>
bool repeat_until_stolen(int rounds, Body body) {
    const std::uint64_t before = moved_jobs();
    const auto deadline = std::chrono::steady_clock::now() + patience;
    for (int round = 0;; ++round) {
        if (round >= rounds && (twill::worker_count() == 1 || moved_jobs() != before)) {
            return true;
        }
        if (std::chrono::steady_clock::now() > deadline) {
            return moved_jobs() != before;
        }
        body();
    }
}

/// Runs `round` until it has reported jobs that moved under its lock, and `least` times at least.
template <class Round>
void until_moved(int least, Round round) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    long moved = 0;
    for (int k = 0; k < least || (moved == 0 && twill::worker_count() > 1); ++k) {
        moved += round();
        ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "nothing was stolen";
    }
}

/// Something to do that the compiler keeps: `steps` dependent steps of about a nanosecond.
inline std::uint64_t work(int steps, std::uint64_t seed = 1) noexcept {
    for (int k = 0; k < steps; ++k) {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
    }
    return seed;
}

/// Keeps a value that a test computes for the time it takes.
inline void keep(std::uint64_t value) noexcept { asm volatile("" : : "r"(value) : "memory"); }

/// The Fibonacci numbers by a fork for each call that is no leaf.
inline int fib(int n) {
    if (n < 2) {
        return n;
    }
    const auto [a, b] =
        twill::parallel_invoke([n] { return fib(n - 1); }, [n] { return fib(n - 2); });
    return a + b;
}

/// A value whose objects are counted: each must be destroyed exactly once.
class counted {
public:
    explicit counted(int number) noexcept : number_(number) { live().fetch_add(1); }
    counted(const counted& other) noexcept : number_(other.number_) { live().fetch_add(1); }
    counted(counted&& other) noexcept : number_(other.number_) { live().fetch_add(1); }
    counted& operator=(const counted&) = default;
    counted& operator=(counted&&) = default;
    ~counted() { live().fetch_sub(1); }

    [[nodiscard]] int number() const noexcept { return number_; }

    static std::atomic<long>& live() noexcept {
        static std::atomic<long> count{0};
        return count;
    }

private:
    int number_;
};

} // namespace twill_test
