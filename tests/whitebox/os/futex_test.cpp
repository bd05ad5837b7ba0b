// SPDX-License-Identifier: Apache-2.0
#include "twill/detail/atomic.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>
#include <pthread.h>
#include <thread>
#include <vector>

namespace {

namespace detail = twill::detail;

TEST(futex, waits_not_for_a_value_that_is_not_there) {
    detail::atomic<std::uint32_t> word{7};
    errno = ENOTTY;
    detail::futex_wait(word, 6); // EAGAIN
    EXPECT_EQ(errno, ENOTTY);
}

TEST(futex, a_wake_without_sleepers_is_nothing) {
    detail::atomic<std::uint32_t> word{0};
    errno = ENOTTY;
    detail::futex_wake(word, 1);
    EXPECT_EQ(errno, ENOTTY);
    detail::yield_slice();
    EXPECT_EQ(errno, ENOTTY);
}

TEST(futex, two_threads_take_turns) {
    detail::atomic<std::uint32_t> turn{0};
    constexpr int rounds = 2000;
    const auto play = [&](std::uint32_t me) {
        for (int k = 0; k < rounds; ++k) {
            while (turn.load(detail::acquire) != me) {
                detail::futex_wait(turn, 1 - me);
            }
            turn.store(1 - me, detail::release);
            detail::futex_wake(turn, 1);
        }
    };
    std::thread other(play, 1u);
    play(0);
    other.join();
    EXPECT_EQ(turn.load(detail::relaxed), 0u);
}

TEST(futex, a_wake_of_all_reaches_all) {
    detail::atomic<std::uint32_t> word{0};
    detail::atomic<std::uint32_t> woken{0};
    std::vector<std::thread> sleepers;
    for (int k = 0; k < 8; ++k) {
        sleepers.emplace_back([&] {
            while (word.load(detail::acquire) == 0) {
                detail::futex_wait(word, 0);
            }
            woken.fetch_add(1, detail::relaxed);
        });
    }
    word.store(1, detail::release);
    detail::futex_wake(word, 8);
    for (std::thread& one : sleepers) {
        one.join();
    }
    EXPECT_EQ(woken.load(detail::relaxed), 8u);
}

TEST(futex, a_signal_ends_a_wait_and_leaves_errno) {
    struct sigaction action{};
    struct sigaction before{};
    action.sa_handler = [](int) {};
    ASSERT_EQ(sigaction(SIGUSR1, &action, &before), 0);
    detail::atomic<std::uint32_t> word{0};
    detail::atomic<std::uint32_t> returned{0};
    std::thread sleeper([&] {
        errno = ENOTTY;
        detail::futex_wait(word, 0);
        EXPECT_EQ(errno, ENOTTY);
        returned.store(1, detail::release);
    });
    while (returned.load(detail::acquire) == 0) {
        pthread_kill(sleeper.native_handle(), SIGUSR1); // until one falls into the wait
        detail::yield_slice();
    }
    sleeper.join();
    sigaction(SIGUSR1, &before, nullptr);
}

} // namespace
