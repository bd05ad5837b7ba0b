// SPDX-License-Identifier: Apache-2.0

/// \file
/// The simulator beside its memory: sleeping and waking, what counts as a failure, the searches,
/// and replays.

#include "simulator/campaign.hpp"
#include "twill/detail/atomic.hpp"

#include <gtest/gtest.h>
#include <mutex>

namespace twill::model {
namespace {

using detail::atomic;

campaign depth_first(std::uint32_t preemptions) {
    campaign how;
    how.by = search::depth_first;
    how.with.preemptions = preemptions;
    return how;
}

bool mistaken = false;

// The waker must write before it wakes, and the sleeper's look and sleep are one step.
void sleep_and_wake() {
    auto* word = new atomic<std::uint32_t>(0);
    spawn("sleeper", [=] {
        while (word->load(detail::acquire) == 0) {
            detail::futex_wait(*word, 0);
        }
    });
    spawn("waker", [=] {
        if (mistaken) {
            detail::futex_wake(*word, 1);
            word->store(1, detail::release);
        } else {
            word->store(1, detail::release);
            detail::futex_wake(*word, 1);
        }
    });
    finish();
}

TEST(futex, a_lost_wake_up_is_a_deadlock) {
    for (const memory_mode memory :
         {memory_mode::weak, memory_mode::store_buffers, memory_mode::sequential}) {
        campaign how = depth_first(2);
        how.with.memory = memory;
        mistaken = false;
        campaign_result result = run(&sleep_and_wake, how);
        EXPECT_FALSE(result.failed) << result.failure;
        EXPECT_TRUE(result.exhausted);
        mistaken = true;
        result = run(&sleep_and_wake, how);
        EXPECT_TRUE(result.failed);
        EXPECT_NE(result.failure.find("deadlock"), std::string::npos) << result.failure;
        EXPECT_NE(result.failure.find("sleeper"), std::string::npos) << result.failure;
    }
}

void spin_on_a_word() {
    auto* word = new atomic<std::uint32_t>(0);
    spawn("spinner", [=] {
        while (word->load(detail::acquire) == 0) {
            detail::pause();
        }
    });
    spawn("other", [=] {
        if (!mistaken) {
            word->store(1, detail::release);
        }
    });
    finish();
}

TEST(spinning, ends_when_the_word_changes_and_is_found_when_it_does_not) {
    mistaken = false;
    EXPECT_TRUE(run(&spin_on_a_word, depth_first(3)).exhausted);
    mistaken = true;
    const campaign_result result = run(&spin_on_a_word, depth_first(3));
    EXPECT_TRUE(result.failed);
    EXPECT_NE(result.failure.find("no end"), std::string::npos) << result.failure;
}

void frame_that_dies() {
    auto* shared = new atomic<atomic<int>*>(nullptr);
    spawn("owner", [=] {
        atomic<int> in_frame(0);
        shared->store(&in_frame, detail::release);
        while (in_frame.load(detail::acquire) == 0) {
            detail::pause();
        }
    });
    spawn("guest", [=] {
        atomic<int>* frame = nullptr;
        while ((frame = shared->load(detail::acquire)) == nullptr) {
            detail::pause();
        }
        frame->store(1, detail::release);
        if (mistaken) {
            frame->load(detail::relaxed);
        }
    });
    finish();
}

TEST(lifetime, a_touch_after_the_last_one_is_found) {
    mistaken = false;
    EXPECT_EQ(run(&frame_that_dies, depth_first(2)).failure, "");
    mistaken = true;
    const campaign_result result = run(&frame_that_dies, depth_first(2));
    EXPECT_TRUE(result.failed);
    EXPECT_NE(result.failure.find("after its end"), std::string::npos) << result.failure;
}

void wild_pointer() {
    auto* word = new atomic<atomic<int>*>(nullptr);
    spawn("thread", [=] { word->load(detail::relaxed)->load(detail::relaxed); });
    finish();
}
void wild_plain_pointer() {
    auto* word = new atomic<int*>(nullptr);
    spawn("thread", [=] { *word->load(detail::relaxed) = 1; });
    finish();
}

TEST(lifetime, a_wild_pointer_ends_the_execution_and_not_the_program) {
    EXPECT_TRUE(run(&wild_pointer, depth_first(1)).failed);
    EXPECT_TRUE(run(&wild_plain_pointer, depth_first(1)).failed);
    mistaken = false;
    EXPECT_FALSE(run(&sleep_and_wake, depth_first(1)).failed);
}

void counter_under_mutex() {
    auto* lock = new std::mutex;
    auto* count = new plain<int>(0);
    for (const char* name : {"one", "two"}) {
        spawn(name, [=] {
            for (int round = 0; round < 2; ++round) {
                const std::lock_guard guard(*lock);
                count->write(count->read() + 1);
            }
        });
    }
    finish();
    MODEL_CHECK(count->read() == 4);
}

TEST(mutex, excludes_and_orders) {
    const campaign_result result = run(&counter_under_mutex, depth_first(100));
    EXPECT_FALSE(result.failed) << result.failure;
    EXPECT_TRUE(result.exhausted);
}

// Needs three preemptions: each thread in turn between the other's steps.
void alternation() {
    auto* word = new atomic<int>(0);
    auto* went = new int[4]();
    for (int side = 0; side < 2; ++side) {
        spawn(side == 0 ? "even" : "odd", [=] {
            for (int step = side; step < 4; step += 2) {
                went[step] = word->fetch_add(1, detail::relaxed);
            }
            word->load(detail::relaxed);
        });
    }
    finish();
    MODEL_CHECK(went[0] != 0 || went[1] != 1 || went[2] != 2 || went[3] != 3);
}

TEST(depth_first_search, finds_exactly_what_its_bound_reaches) {
    EXPECT_FALSE(run(&alternation, depth_first(1)).failed);
    EXPECT_TRUE(run(&alternation, depth_first(1)).exhausted);
    EXPECT_TRUE(run(&alternation, depth_first(3)).failed);
}

TEST(searches, all_find_the_alternation_and_replay_it) {
    for (const search by : {search::random, search::priorities, search::depth_first}) {
        campaign how;
        how.by = by;
        how.with.preemptions = 3;
        how.depth = 4;
        how.schedules = 20000;
        const campaign_result result = run(&alternation, how);
        ASSERT_TRUE(result.failed) << name_of(by);
        EXPECT_FALSE(result.trace.empty());
        const campaign_result again = run_again(&alternation, how, result.replay);
        EXPECT_TRUE(again.failed) << name_of(by);
        EXPECT_EQ(again.failure, result.failure);
        EXPECT_EQ(again.trace, result.trace);
    }
}

TEST(searches, are_repeatable) {
    campaign how;
    how.seed = 42;
    const campaign_result first = run(&alternation, how);
    const campaign_result second = run(&alternation, how);
    EXPECT_EQ(first.schedules, second.schedules);
    EXPECT_EQ(first.replay, second.replay);
}

} // namespace

std::span<const scenario> scenarios() { return {}; }

} // namespace twill::model
