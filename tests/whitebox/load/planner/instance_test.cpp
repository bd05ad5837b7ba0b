// SPDX-License-Identifier: Apache-2.0
#include "load/planner/instance.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace twill::planner {
namespace {

TEST(instance, decimals_are_whole_numbers) {
    const instance tenths = make_instance({{0.1}, {0.2}, {3}}, 2, {});
    EXPECT_EQ(tenths.sizes, (std::vector<size>{1, 2, 30}));
    EXPECT_EQ(tenths.time(3), 0.3); // 0.1 + 0.2 is not
    const instance millionths = make_instance({{0.000001}, {12.5}}, 2, {});
    EXPECT_EQ(millionths.sizes, (std::vector<size>{1, 12'500'000}));
}

TEST(instance, other_times_keep_fifty_bits) {
    const double third = 10.0 / 3;
    const instance made = make_instance({{third}, {third}, {third}}, 3, {});
    EXPECT_NEAR(made.time(static_cast<double>(made.sizes[0])), third, third * 1e-14);
    EXPECT_LE(made.total, size{1} << 50);
    EXPECT_GE(made.total, size{1} << 49);
    const instance tiny = make_instance({{5e-324}, {1e-310}}, 1, {});
    EXPECT_LE(tiny.total, size{1} << 50);
    const instance huge = make_instance({{1e300}, {3e299}}, 1, {});
    EXPECT_NEAR(huge.time(static_cast<double>(huge.sizes[1])), 3e299, 3e286);
}

TEST(instance, equal_speeds_are_one) {
    const instance made = make_instance({{6}}, 2, {3, 3});
    EXPECT_TRUE(made.one_speed());
    EXPECT_EQ(made.time(6), 2);
    EXPECT_FALSE(make_instance({{6}}, 2, {3, 2}).one_speed());
}

TEST(instance, capacity_is_what_the_quotient_says) {
    std::mt19937_64 random(5);
    for (int round = 0; round < 100'000; ++round) {
        const double speed = 0.01 + static_cast<double>(random() % 100'000) / 1000;
        const auto load = static_cast<size>(random() % (std::uint64_t{1} << (1 + random() % 50)));
        const double makespan = static_cast<double>(load) / speed;
        const size fits = capacity(makespan, speed, size{1} << 51);
        ASSERT_GE(fits, load);
        ASSERT_LE(static_cast<double>(fits) / speed, makespan);
        ASSERT_GT(static_cast<double>(fits + 1) / speed, makespan);
    }
}

TEST(instance, makespans_in_turn) {
    const instance made = make_instance({{5}, {7}}, 3, {1, 2, 3});
    // Of sums n, n/2 and n/3.
    EXPECT_EQ(at_least(made, 2.0), 2.0);
    EXPECT_EQ(above(made, 2.0), 7.0 / 3);
    EXPECT_EQ(above(made, 7.0 / 3), 2.5);
    EXPECT_EQ(at_least(made, 2.4), 2.5);
    const double low = 1;
    EXPECT_EQ(between(made, low, std::nextafter(low, 2)), low);
}

} // namespace
} // namespace twill::planner
