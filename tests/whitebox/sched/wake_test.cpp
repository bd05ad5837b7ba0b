// SPDX-License-Identifier: Apache-2.0
// When a loop wakes sleeping threads and how many, and on which CPU one finds itself.
#include "sched/access.hpp"
#include "sched/jobs.hpp"
#include "support/eventually.hpp"
#include "twill/parallel_for.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <sched.h>
#include <thread>
#include <vector>

namespace {

using namespace twill::sched; // NOLINT(google-build-using-namespace)
namespace detail = twill::detail;
using access = scheduler_test;
using twill::testing_support::eventually;

constexpr std::uint64_t wake = 1'000'000; // ticks: far more than a test takes between two calls

scheduler_options sleepy(int workers) {
    scheduler_options options;
    options.workers = workers;
    options.awake = workers;
    options.stack_size = std::size_t{1} << 20;
    return options;
}

thread_record& running() { return *static_cast<thread_record*>(detail::hot().thread); }

/// A scheduler that takes a wake-up to last `wake` ticks, and a thread in it that holds its place.
class loop_alone {
public:
    loop_alone() {
        access::set_wake_takes(owner_, wake);
        access::idle_spin(owner_) = std::uint64_t{1} << 60; // no pause is long
    }
    ~loop_alone() { owner_.shut_down(); }
    loop_alone(const loop_alone&) = delete;
    loop_alone& operator=(const loop_alone&) = delete;

    scheduler& owner() { return owner_; }
    bool worth(std::uint64_t takes, std::uint64_t took = 0) {
        return access::worth_a_wake(owner_, running(), takes, took);
    }
    /// How many polls of loops that take so long pass before somebody is woken.
    std::uint64_t polls_before_a_wake(std::uint64_t takes) {
        std::uint64_t polls = 0;
        while (!worth(takes)) {
            ++polls;
        }
        return polls;
    }

private:
    scheduler owner_{alone()};
};

TEST(worth_a_wake, at_once_where_very_much_is_left) {
    loop_alone loops;
    const visit guest(loops.owner());
    EXPECT_TRUE(loops.worth(33 * wake));
    EXPECT_TRUE(loops.worth(33 * wake));
}

TEST(worth_a_wake, after_a_while_where_more_is_left_than_two_wakes_take) {
    loop_alone loops;
    const visit guest(loops.owner());
    const std::uint64_t period = access::poll_period(loops.owner());
    EXPECT_EQ(loops.polls_before_a_wake(3 * wake), wake / 2 / period);
}

TEST(worth_a_wake, for_short_loops_after_as_much_as_two_wakes_take) {
    loop_alone loops;
    const visit guest(loops.owner());
    const std::uint64_t takes = access::poll_period(loops.owner()) / 2;
    const std::uint64_t expected = 2 * wake / takes;
    EXPECT_EQ(loops.polls_before_a_wake(takes), expected);
    EXPECT_EQ(loops.polls_before_a_wake(takes), expected); // and again from the beginning
}

TEST(worth_a_wake, forgets_loops_before_a_pause) {
    loop_alone loops;
    const visit guest(loops.owner());
    const std::uint64_t takes = access::poll_period(loops.owner());
    const std::uint64_t expected = 2 * wake / takes;
    for (std::uint64_t k = 0; k + 1 < expected; ++k) {
        ASSERT_FALSE(loops.worth(takes));
    }
    access::idle_spin(loops.owner()) = 0; // any pause is long
    EXPECT_FALSE(loops.worth(takes));
    access::idle_spin(loops.owner()) = std::uint64_t{1} << 60;
    EXPECT_EQ(loops.polls_before_a_wake(takes), expected - 1);
}

TEST(worth_a_wake, counts_a_long_block_in_full_and_takes_it_for_no_pause) {
    loop_alone loops;
    const visit guest(loops.owner());
    EXPECT_TRUE(loops.worth(3 * wake, wake)) << "the loop was alone for a quarter of the price";
    access::idle_spin(loops.owner()) = 0; // any pause is long
    EXPECT_FALSE(loops.worth(wake, wake));
    EXPECT_FALSE(loops.worth(wake, wake)) << "two of them are the price, and not more";
    EXPECT_TRUE(loops.worth(wake, wake));
    EXPECT_FALSE(loops.worth(wake)) << "a pause, for there was no block";
    EXPECT_FALSE(loops.worth(wake, wake));
}

/// Spare threads that are none, a guest, and a job that it has made public.
class waking_more : public testing::Test {
protected:
    static constexpr int spares = 5;
    static constexpr int places = 8;

    waking_more() {
        access::set_wake_takes(owner_, wake);
        for (int k = 0; k < spares; ++k) {
            spare_.push_back(owner_.table().add(owner_, false));
            spare_.back()->wake_word.store(0, detail::relaxed);
            access::push_spare(owner_, *spare_.back());
        }
        access::publish(owner_, self(), jobs_.newest());
    }
    void TearDown() override {
        steal_oldest(self().deque);
        access::add_to_counts(owner_, woken(), -owner_.counts().searchers);
    }

    thread_record& self() { return guest_.record(); }
    /// How many threads were woken; each has been given a place and counts as a searcher.
    int woken() {
        const auto count = static_cast<int>(std::ranges::count_if(
            spare_, [](thread_record* one) { return one->wake_word.load(detail::relaxed) != 0; }));
        EXPECT_EQ(owner_.counts().searchers, count);
        EXPECT_EQ(owner_.counts().free, places - 1 - count);
        return count;
    }

    scheduler owner_{sleepy(places)};
    std::vector<thread_record*> spare_;
    const job_list jobs_{1};
    visit guest_{owner_};
};

TEST_F(waking_more, two_by_the_loop_and_two_by_each_of_them) {
    access::wake_for(owner_, self(), std::uint64_t{2} * 5 * wake + wake);
    EXPECT_EQ(woken(), 2);
    access::wake_more(owner_, self());
    EXPECT_EQ(woken(), 4);
    access::wake_more(owner_, self());
    EXPECT_EQ(woken(), 5);
    EXPECT_FALSE(access::wants_more(owner_));
    access::wake_more(owner_, self());
    EXPECT_EQ(woken(), 5);
}

TEST_F(waking_more, as_many_as_the_rest_keeps_busy_for_two_wakes) {
    access::wake_for(owner_, self(), std::uint64_t{2} * wake - 1);
    EXPECT_EQ(woken(), 0);
    access::wake_for(owner_, self(), std::uint64_t{2} * wake);
    EXPECT_EQ(woken(), 1);
    access::wake_for(owner_, self(), std::uint64_t{2} * wake);
    EXPECT_EQ(woken(), 1) << "somebody searches already";
    access::wake_for(owner_, self(), std::uint64_t{2} * 2 * wake);
    EXPECT_EQ(woken(), 2);
}

TEST_F(waking_more, nobody_once_there_is_nothing_to_take) {
    access::wake_for(owner_, self(), std::uint64_t{2} * 5 * wake);
    EXPECT_EQ(woken(), 2);
    ASSERT_EQ(steal_oldest(self().deque), jobs_.newest());
    access::wake_more(owner_, self());
    EXPECT_EQ(woken(), 2);
    EXPECT_FALSE(access::wants_more(owner_));
    access::wake_for(owner_, self(), std::uint64_t{2} * 5 * wake);
    EXPECT_EQ(woken(), 2);
}

TEST(wake_takes, is_a_moving_average_that_no_single_one_spoils) {
    scheduler owner(alone());
    access::set_wake_takes(owner, 1000);
    for (int k = 0; k < 100; ++k) {
        access::note_wake(owner, 8000);
    }
    EXPECT_NEAR(static_cast<double>(access::wake_takes(owner)), 8000, 100);
    access::note_wake(owner, std::uint64_t{1} << 50); // counts as four times as long
    EXPECT_LT(access::wake_takes(owner), 12'000U);
    for (int k = 0; k < 200; ++k) {
        access::note_wake(owner, 0);
    }
    EXPECT_LT(access::wake_takes(owner), 16U);
    EXPECT_GT(access::wake_takes(owner), 0U);
    owner.shut_down();
}

/// The masks of the threads that a scheduler has started.
std::vector<cpu_set_t> masks(scheduler& of) {
    std::vector<cpu_set_t> all;
    for (thread_record* const one : own_threads(of)) {
        cpu_set_t mask;
        CPU_ZERO(&mask);
        EXPECT_EQ(sched_getaffinity(one->account.kernel_thread(), sizeof mask, &mask), 0);
        all.push_back(mask);
    }
    return all;
}

TEST(steering, gives_every_thread_its_mask_back) {
    cpu_set_t program;
    CPU_ZERO(&program);
    ASSERT_EQ(sched_getaffinity(0, sizeof program, &program), 0);
    if (CPU_COUNT(&program) < 2) {
        GTEST_SKIP() << "one CPU";
    }
    constexpr std::uint32_t wakes = 1'000'000;
    scheduler owner(sleepy(2));
    access::steer(owner, wakes);
    std::uint32_t steered = 0;
    for (int round = 0; round < 1000 && steered < 20; ++round) {
        {
            const visit guest(owner);
            detail::atomic<std::uint32_t> sum{0};
            twill::parallel_for(0, 64, [&](int) {
                const std::uint64_t end = detail::ticks() + 20'000;
                while (detail::ticks() < end) {
                }
                sum.fetch_add(1, detail::relaxed);
            });
            EXPECT_EQ(sum.load(detail::relaxed), 64U);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1)); // who spins goes to sleep
        steered = wakes - access::wakes_to_steer(owner);
    }
    EXPECT_GE(steered, 20U);
    // Who was woken last gives itself its mask back as soon as it runs.
    const auto all_as_before = [&] {
        const std::vector<cpu_set_t> found = masks(owner);
        return !found.empty() && std::ranges::all_of(found, [&](const cpu_set_t& mask) {
            return CPU_EQUAL(&mask, &program) != 0;
        });
    };
    EXPECT_TRUE(eventually(all_as_before));
    owner.shut_down();
}

} // namespace
