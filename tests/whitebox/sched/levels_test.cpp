// SPDX-License-Identifier: Apache-2.0
#include "sched/levels.hpp"

#include "sched/submission.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <random>
#include <vector>

namespace {

using namespace twill::sched; // NOLINT(google-build-using-namespace)

std::uint32_t below(std::mt19937& random, std::uint32_t end) {
    return static_cast<std::uint32_t>(random() % end);
}

constexpr std::uint32_t high_and_low = set_of(high_level) | set_of(low_level);

TEST(turns, serve_the_highest_first) {
    const turns order;
    EXPECT_EQ(order.next(all_levels), high_level);
    EXPECT_EQ(order.next(set_of(normal_level) | set_of(low_level)), normal_level);
    EXPECT_EQ(order.next(set_of(low_level)), low_level);
}

TEST(turns, pass_a_level_over_so_often_and_no_more) {
    turns order;
    for (int round = 0; round < 3; ++round) {
        for (std::uint32_t k = 0; k < turns::patience; ++k) {
            ASSERT_EQ(order.next(high_and_low), high_level) << k;
            order.serve(high_level, high_and_low);
        }
        ASSERT_EQ(order.next(high_and_low), low_level);
        order.serve(low_level, high_and_low);
    }
}

TEST(turns, do_not_count_for_a_level_that_has_nothing) {
    turns order;
    for (std::uint32_t k = 0; k < 10 * turns::patience; ++k) {
        order.serve(high_level, set_of(high_level));
    }
    EXPECT_EQ(order.next(all_levels), high_level);
    for (std::uint32_t k = 0; k < turns::patience; ++k) {
        order.serve(high_level, all_levels);
    }
    EXPECT_EQ(order.next(all_levels), low_level);
    order.skip(low_level);
    EXPECT_EQ(order.next(all_levels), normal_level);
    order.skip(normal_level);
    EXPECT_EQ(order.next(all_levels), high_level);
}

/// The longest that the first of each level has waited, in what others were served, when everything
/// comes and goes at random.
TEST(turns, bound_the_wait_of_whoever_is_first) {
    std::uint32_t longest[level_count] = {};
    for (std::uint32_t seed = 1; seed <= 200; ++seed) {
        std::mt19937 random(seed);
        turns order;
        std::uint32_t left[level_count] = {};
        std::uint32_t waited[level_count] = {};
        // In some runs a level is nearly always there, in others nearly never.
        const std::uint32_t density[level_count] = {below(random, 100), below(random, 100),
                                                    below(random, 100)};
        for (int step = 0; step < 5000; ++step) {
            std::uint32_t present = 0;
            for (std::uint32_t level = 0; level < level_count; ++level) {
                if (below(random, 100) < density[level]) {
                    if (left[level]++ == 0) {
                        order.skip(level);
                        waited[level] = 0;
                    }
                }
                present |= left[level] > 0 ? set_of(level) : 0;
            }
            if (present == 0) {
                continue;
            }
            const std::uint32_t served = order.next(present);
            order.serve(served, present);
            for (std::uint32_t level = 0; level < level_count; ++level) {
                waited[level] += level != served && left[level] > 0 ? 1 : 0;
                longest[level] = std::max(longest[level], waited[level]);
            }
            waited[served] = 0;
            --left[served];
        }
    }
    EXPECT_LE(longest[high_level], 2U);
    EXPECT_LE(longest[normal_level], turns::patience + 2);
    EXPECT_LE(longest[low_level], turns::patience);
    EXPECT_GE(longest[normal_level], turns::patience) << "nothing was passed over";
    EXPECT_EQ(longest[low_level], turns::patience) << "nothing was passed over";
}

struct nothing_submitted : submission {
    explicit nothing_submitted(std::uint32_t on_level)
        : submission([](submission*) noexcept {}, [](submission*) noexcept {}) {
        level = on_level;
    }
};

class submissions : public testing::Test {
protected:
    submission& put(std::uint32_t level) {
        all.push_back(std::make_unique<nothing_submitted>(level));
        queue.put(*all.back());
        return *all.back();
    }

    submission_queue queue;
    std::vector<std::unique_ptr<nothing_submitted>> all;
};

TEST_F(submissions, come_by_level_and_oldest_first) {
    submission& low = put(low_level);
    submission& normal = put(normal_level);
    submission& first = put(high_level);
    submission& second = put(high_level);
    submission& later = put(normal_level);
    EXPECT_EQ(queue.count(), 5U);
    for (submission* expected : {&first, &second, &normal, &later, &low}) {
        EXPECT_EQ(queue.take_next(), expected);
    }
    EXPECT_EQ(queue.take_next(), nullptr);
    EXPECT_EQ(queue.count(), 0U);
}

TEST_F(submissions, are_taken_out_of_the_middle_whatever_their_level) {
    for (const std::uint32_t level : {low_level, normal_level, high_level}) {
        submission& first = put(level);
        submission& middle = put(level);
        submission& last = put(level);
        submission& above = put(high_level);
        EXPECT_TRUE(queue.take(middle));
        EXPECT_FALSE(queue.take(middle));
        EXPECT_TRUE(queue.take(last));
        EXPECT_EQ(queue.count(), 2U);
        EXPECT_EQ(queue.take_next(), level == high_level ? &first : &above);
        EXPECT_EQ(queue.take_next(), level == high_level ? &above : &first);
        EXPECT_FALSE(queue.take(first));
        EXPECT_EQ(queue.count(), 0U);
    }
}

// As a model of three lists by the same rule.
TEST_F(submissions, keep_the_order_of_each_level_among_others) {
    std::mt19937 random(7);
    std::deque<submission*> expected[level_count];
    turns order;
    for (int step = 0; step < 20'000; ++step) {
        const std::uint32_t level = below(random, level_count);
        if (below(random, 2) == 0) {
            if (expected[level].empty()) {
                order.skip(level);
            }
            expected[level].push_back(&put(level));
        } else if (below(random, 4) == 0 && !expected[level].empty()) {
            const std::size_t k = below(random, static_cast<std::uint32_t>(expected[level].size()));
            ASSERT_TRUE(queue.take(*expected[level][k]));
            expected[level].erase(expected[level].begin() + static_cast<std::ptrdiff_t>(k));
        } else {
            std::uint32_t present = 0;
            for (std::uint32_t one = 0; one < level_count; ++one) {
                present |= expected[one].empty() ? 0 : set_of(one);
            }
            submission* const got = queue.take_next();
            if (present == 0) {
                ASSERT_EQ(got, nullptr);
                continue;
            }
            const std::uint32_t next = order.next(present);
            order.serve(next, present);
            ASSERT_EQ(got, expected[next].front()) << step;
            expected[next].pop_front();
        }
    }
}

} // namespace
