// SPDX-License-Identifier: Apache-2.0
#include "os/clock.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <thread>
#include <vector>

namespace {

namespace os = twill::os;

/// Busy for so long on CLOCK_MONOTONIC.
void spin(std::int64_t nanoseconds) {
    const std::int64_t end = os::monotonic_nanoseconds() + nanoseconds;
    while (os::monotonic_nanoseconds() < end) {
    }
}

TEST(clock, rate_agrees_with_the_monotonic_clock) {
    EXPECT_GT(os::ticks_per_microsecond(), 0);
    const os::clock_anchor before = os::anchor();
    spin(100'000'000);
    const os::clock_anchor after = os::anchor();
    // The calls that follow refine the first measurement of 30 us over these 100 ms.
    const double rate = os::ticks_per_microsecond();
    const double measured = static_cast<double>(after.ticks - before.ticks) * 1e3 /
                            static_cast<double>(after.nanoseconds - before.nanoseconds);
    EXPECT_NEAR(rate / measured, 1, 0.005);
}

TEST(clock, first_measurement_is_usable) {
    const double first = os::ticks_per_microsecond();
    spin(50'000'000);
    const double refined = os::ticks_per_microsecond();
    EXPECT_NEAR(first / refined, 1, 0.1);
}

TEST(clock, lengths_convert_both_ways) {
    EXPECT_EQ(os::ticks_from_microseconds(0), 0u);
    EXPECT_EQ(os::ticks_from_microseconds(-3), 0u);
    EXPECT_EQ(os::ticks_from_microseconds(std::nan("")), 0u);
    EXPECT_EQ(os::nanoseconds_from_ticks(0), 0);
    for (const double microseconds : {1.0, 50.0, 1e3, 1e6, 1e9}) {
        const std::uint64_t ticks = os::ticks_from_microseconds(microseconds);
        EXPECT_NEAR(os::nanoseconds_from_ticks(ticks) / (microseconds * 1e3), 1, 0.05);
    }
}

TEST(clock, anchors_only_grow_and_are_close_to_now) {
    os::clock_anchor last = os::anchor();
    for (int k = 0; k < 1000; ++k) {
        const std::int64_t low = os::monotonic_nanoseconds();
        const std::uint64_t ticks_low = os::ticks();
        const os::clock_anchor now = os::anchor();
        EXPECT_GE(now.nanoseconds, low);
        EXPECT_LE(now.nanoseconds, os::monotonic_nanoseconds());
        EXPECT_GE(now.ticks, ticks_low);
        EXPECT_LE(now.ticks, os::ticks());
        EXPECT_GE(now.nanoseconds, last.nanoseconds);
        EXPECT_GE(now.ticks, last.ticks);
        last = now;
    }
}

TEST(clock, many_threads_refine_together) {
    std::vector<std::thread> threads;
    for (int k = 0; k < 4; ++k) {
        threads.emplace_back([] {
            for (int n = 0; n < 2000; ++n) {
                EXPECT_GT(os::ticks_per_microsecond(), 0);
                EXPECT_TRUE(std::isfinite(os::nanoseconds_from_ticks(1'000'000)));
            }
        });
    }
    for (std::thread& one : threads) {
        one.join();
    }
}

} // namespace
