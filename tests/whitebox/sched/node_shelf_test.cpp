// SPDX-License-Identifier: Apache-2.0
// What is submitted for the threads of one node: the order in which it is taken.
#include "sched/submission.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <random>
#include <vector>

namespace {

using namespace twill::sched; // NOLINT(google-build-using-namespace)

struct nothing_submitted : submission {
    nothing_submitted() : submission([](submission*) noexcept {}, [](submission*) noexcept {}) {}
};

/// A queue with shelves for three nodes.
class shelves_of_nodes : public testing::Test {
protected:
    submission& put(std::int32_t shelf, std::uint32_t level = normal_level) {
        all_.push_back(std::make_unique<nothing_submitted>());
        submission& one = *all_.back();
        one.level = level;
        if (shelf < 0) {
            queue_.put(one);
        } else {
            queue_.put_on(one, shelves_.data(), shelf);
        }
        return one;
    }

    submission_queue queue_;
    std::array<node_shelf, 3> shelves_;
    std::vector<std::unique_ptr<nothing_submitted>> all_;
};

TEST_F(shelves_of_nodes, the_own_comes_first_and_then_that_of_nobody_and_of_others) {
    submission& zero = put(0);
    submission& nobody = put(-1);
    submission& one = put(1);
    submission& two = put(2);
    submission& high = put(2, high_level);
    EXPECT_EQ(queue_.take_next(1), &high); // levels before nodes
    EXPECT_EQ(queue_.take_next(1), &one);
    EXPECT_EQ(queue_.take_next(1), &nobody);
    EXPECT_EQ(queue_.take_next(1), &zero);
    EXPECT_EQ(queue_.take_next(1), &two);
    EXPECT_EQ(queue_.take_next(1), nullptr);
    EXPECT_EQ(queue_.count(), 0u);
}

TEST_F(shelves_of_nodes, who_is_on_no_node_takes_the_oldest) {
    submission& zero = put(0);
    submission& nobody = put(-1);
    submission& one = put(1);
    for (submission* expected : {&zero, &nobody, &one}) {
        EXPECT_EQ(queue_.take_next(), expected);
    }
}

TEST_F(shelves_of_nodes, the_oldest_is_passed_over_so_often_and_no_more) {
    for (int round = 0; round < 3; ++round) {
        submission& far = put(0);
        for (std::uint32_t k = 0; k < 2 * turns::patience; ++k) {
            put(1);
        }
        for (std::uint32_t k = 0; k < turns::patience; ++k) {
            ASSERT_EQ(queue_.take_next(1)->shelf, 1);
        }
        ASSERT_EQ(queue_.take_next(1), &far);
        for (std::uint32_t k = 0; k < turns::patience; ++k) {
            ASSERT_EQ(queue_.take_next(1)->shelf, 1);
        }
        ASSERT_EQ(queue_.take_next(1), nullptr);
    }
}

TEST_F(shelves_of_nodes, whoever_awaits_one_takes_it_out_of_the_middle) {
    submission& first = put(1);
    submission& middle = put(1);
    submission& last = put(1);
    put(0);
    EXPECT_TRUE(queue_.take(middle));
    EXPECT_FALSE(queue_.take(middle));
    EXPECT_TRUE(queue_.take(last));
    submission& later = put(1);
    EXPECT_EQ(queue_.take_next(1), &first);
    EXPECT_EQ(queue_.take_next(1), &later);
    EXPECT_EQ(queue_.count(), 1u);
}

// Against a list of each level: nobody gets what is not there, each gets its own node's oldest if
// there is any, and the oldest of a level does not wait for long.
TEST_F(shelves_of_nodes, random_puts_and_takes_lose_nothing) {
    std::mt19937 random(11);
    std::deque<submission*> left[level_count];
    std::array<std::uint32_t, level_count> passed{};
    for (int step = 0; step < 20'000; ++step) {
        if (random() % 2 == 0) {
            submission& one = put(static_cast<std::int32_t>(random() % 4) - 1,
                                  static_cast<std::uint32_t>(random() % level_count));
            left[one.level].push_back(&one);
            continue;
        }
        const auto own = static_cast<std::int32_t>(random() % 4) - 1;
        submission* const got = queue_.take_next(own);
        if (got == nullptr) {
            ASSERT_TRUE(std::ranges::all_of(left, [](const auto& one) { return one.empty(); }));
            continue;
        }
        std::deque<submission*>& level = left[got->level];
        const bool was_oldest = got == level.front();
        if (got->shelf >= 0 && own >= 0 && !was_oldest) {
            ASSERT_EQ(got->shelf, own) << step;
        }
        if (got->shelf == own && own >= 0) {
            ASSERT_EQ(got, *std::ranges::find(level, own, &submission::shelf)) << step;
        }
        passed[got->level] = was_oldest ? 0 : passed[got->level] + 1;
        ASSERT_LE(passed[got->level], turns::patience) << step;
        ASSERT_EQ(std::erase(level, got), 1u) << step;
    }
}

} // namespace
