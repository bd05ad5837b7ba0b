// SPDX-License-Identifier: Apache-2.0
#include "os/hardware_counters.hpp"

#include "support/child.hpp"
#include "support/made_up_counters.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <string>
#include <unistd.h>

namespace {

using twill::os::hardware_counters;
using twill::os::hardware_counts;
using twill::os::hardware_event;
using twill::os::reason_of_refusal;
using twill::testing_support::expect_silent_success;
using twill::testing_support::made_up_counters;

constexpr hardware_event events[] = {hardware_event::cycles, hardware_event::instructions,
                                     hardware_event::cache_misses};

TEST(hardware_counters, tell_what_the_system_counts) {
    const made_up_counters system;
    hardware_counters counters;
    EXPECT_FALSE(counters.open_at_all());
    system.set(100, 200, 3);
    counters.open();
    EXPECT_TRUE(counters.open_at_all());
    EXPECT_EQ(system.open_files(), 3);
    const hardware_counts told = counters.read();
    EXPECT_EQ(told.of[0], 100u);
    EXPECT_EQ(told.of[1], 200u);
    EXPECT_EQ(told.of[2], 3u);
    counters.close();
    EXPECT_FALSE(counters.open_at_all());
    EXPECT_EQ(system.open_files(), 0);
    EXPECT_EQ(counters.read().of[0], 0u);
}

TEST(hardware_counters, count_the_events_that_are_not_refused) {
    for (const hardware_event refused : events) {
        const made_up_counters system;
        system.refuse(refused, ENOENT);
        system.set(100, 200, 3);
        hardware_counters counters;
        counters.open();
        EXPECT_TRUE(counters.open_at_all());
        const hardware_counts told = counters.read();
        for (const hardware_event each : events) {
            const auto k = static_cast<std::size_t>(each);
            const std::uint64_t all[] = {100, 200, 3};
            EXPECT_EQ(counters.refusal(each), each == refused ? ENOENT : 0);
            EXPECT_EQ(told.of[k], each == refused ? 0 : all[k]);
        }
        counters.close();
        EXPECT_EQ(system.open_files(), 0);
    }
}

TEST(hardware_counters, are_none_where_all_are_refused) {
    for (const int error :
         {EACCES, EPERM, ENOENT, ENODEV, EOPNOTSUPP, ENOSYS, EMFILE, EBUSY, 999}) {
        const made_up_counters system;
        for (const hardware_event each : events) {
            system.refuse(each, error);
        }
        hardware_counters counters;
        errno = ENOTTY;
        counters.open();
        EXPECT_EQ(errno, ENOTTY);
        EXPECT_FALSE(counters.open_at_all());
        for (const hardware_event each : events) {
            EXPECT_EQ(counters.refusal(each), error);
        }
        ASSERT_NE(reason_of_refusal(error), nullptr);
        EXPECT_GT(std::string(reason_of_refusal(error)).size(), 10u);
        counters.close();
    }
    EXPECT_EQ(reason_of_refusal(0), nullptr);
}

TEST(hardware_counters, are_an_estimate_while_the_processor_is_shared) {
    EXPECT_EQ(hardware_counters::scaled(100, 10, 10), 100u);
    EXPECT_EQ(hardware_counters::scaled(100, 10, 11), 100u);
    EXPECT_EQ(hardware_counters::scaled(100, 40, 10), 400u);
    EXPECT_EQ(hardware_counters::scaled(100, 40, 0), 0u);
    const made_up_counters system;
    hardware_counters counters;
    counters.open();
    system.set(100, 200, 3);
    system.share(30, 10);
    EXPECT_EQ(counters.read().of[1], 600u);
    counters.close();
}

TEST(hardware_counters, leave_descriptors_alone_that_became_somebody_elses) {
    const made_up_counters system;
    hardware_counters counters;
    counters.open();
    system.set(100, 200, 3);
    system.take_away();
    EXPECT_EQ(counters.read().of[0], 0u);
    counters.close();
    EXPECT_EQ(system.open_files(), 3);
    EXPECT_FALSE(counters.open_at_all());
}

// The same with the system's own calls: what is in a descriptor's place is neither read nor closed.
TEST(hardware_counters, do_not_touch_a_pipe) {
    expect_silent_success([] {
        int ends[2];
        ASSERT_EQ(::pipe(ends), 0);
        ASSERT_EQ(::write(ends[1], "kept", 4), 4);
        std::uint64_t name = 0;
        EXPECT_FALSE(twill::os::calls_of_kernel.name(ends[0], name));
        char text[4];
        EXPECT_EQ(::read(ends[0], text, 4), 4);
    });
}

// Whatever this machine permits.
TEST(hardware_counters, of_this_machine_grow_or_are_refused_for_a_reason) {
    hardware_counters counters;
    counters.open();
    const hardware_counts before = counters.read();
    volatile std::uint64_t sum = 0;
    for (int k = 0; k < 1'000'000; ++k) {
        sum = sum + static_cast<std::uint64_t>(k);
    }
    const hardware_counts after = counters.read();
    for (const hardware_event each : events) {
        const auto k = static_cast<std::size_t>(each);
        if (const int error = counters.refusal(each); error != 0) {
            EXPECT_NE(reason_of_refusal(error), nullptr);
            EXPECT_EQ(after.of[k], 0u);
        } else {
            EXPECT_GE(after.of[k], before.of[k]);
        }
    }
    if (counters.refusal(hardware_event::instructions) == 0) {
        EXPECT_GE(after.of[1] - before.of[1], 1'000'000u);
        EXPECT_LE(after.of[1] - before.of[1], 100'000'000u);
    }
    counters.close();
}

} // namespace
