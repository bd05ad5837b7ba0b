// SPDX-License-Identifier: Apache-2.0
#include "load/kind_table.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

namespace {

using twill::load_model::histogram;
using twill::load_model::kind_reading;
using twill::load_model::kind_table;

TEST(kind_table, charges_time_and_delay_to_the_kind_that_ran) {
    const auto kinds = std::make_unique<kind_table>();
    kinds->begin(3, 1000, 50);
    EXPECT_EQ(kinds->end(1400, 60), 10u);
    kinds->begin(4, 1500, 75); // 15 ns of delay fell into no kind
    const kind_reading running = kinds->read(4, 1600, 80);
    EXPECT_EQ(running.ticks, 100u);
    EXPECT_EQ(running.delay, 5u);
    EXPECT_EQ(kinds->read(4, 1450, 75).ticks, 0u) << "it began after that instant";
    EXPECT_EQ(kinds->end(1700, 80), 5u);
    EXPECT_EQ(kinds->read(3, 2000, 80).ticks, 400u);
    EXPECT_EQ(kinds->read(3, 2000, 80).delay, 10u);
    EXPECT_EQ(kinds->read(4, 2000, 80).ticks, 200u);
    EXPECT_EQ(kinds->read(5, 2000, 80).ticks, 0u);
}

TEST(kind_table, has_the_lengths_of_all_tasks) {
    const auto kinds = std::make_unique<kind_table>();
    EXPECT_EQ(kinds->lengths(9), nullptr);
    kinds->record(9, 20, false);
    kinds->record(9, 500, true);
    kinds->record(9, 21, false);
    EXPECT_EQ(kinds->read(9, 0, 0).errors, 1u);
    EXPECT_EQ(kinds->read(9, 0, 0).longest, 500u);
    ASSERT_NE(kinds->lengths(9), nullptr);
    EXPECT_EQ(kinds->lengths(9)->count(histogram::bucket_of(20)), 1u);
    EXPECT_EQ(kinds->lengths(9)->count(histogram::bucket_of(500)), 1u);
}

TEST(kind_table, is_read_consistently_while_it_is_written) {
    const auto kinds = std::make_unique<kind_table>();
    std::atomic<bool> done{false};
    std::thread writer([&] {
        // From 0 on the kind runs all the time, so at an instant it has as many ticks.
        for (std::uint64_t now = 0; !done; now += 10) {
            kinds->begin(1, now, 0);
            kinds->end(now + 10, 0);
        }
    });
    std::uint64_t last = 0;
    for (int k = 0; k < 20'000; ++k) {
        const std::uint64_t ticks = kinds->read(1, 0, 0).ticks;
        ASSERT_EQ(ticks % 10, 0u);
        ASSERT_GE(ticks, last);
        last = ticks;
    }
    done = true;
    writer.join();
}

} // namespace
