// SPDX-License-Identifier: Apache-2.0
#include "load/account.hpp"
#include "load/ticks.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <thread>

namespace {

using namespace twill::load_model;

std::uint64_t ticks(const place_reading& reading, activity of) { return reading.ticks[index(of)]; }

std::uint64_t sum(const place_reading& reading) {
    return std::accumulate(std::begin(reading.ticks), std::end(reading.ticks), std::uint64_t{0});
}

/// Parked until 1100, search until 1200, dispatch until 1250, useful until 1600, parked.
void one_day(place_account& place) {
    place.open(1000);
    place.enter(activity::search, 1100);
    place.enter(activity::dispatch, 1200);
    place.enter(activity::useful, 1250);
    place.enter(activity::parked, 1600);
}

TEST(account, is_parked_from_the_beginning) {
    place_account place;
    place.open(1000);
    place_reading reading = place.read();
    EXPECT_EQ(reading.current, activity::parked);
    EXPECT_EQ(reading.opened, 1000u);
    EXPECT_EQ(sum(reading), 0u);
    reading.extend_to(1500);
    EXPECT_EQ(ticks(reading, activity::parked), 500u);
    EXPECT_EQ(sum(reading), 500u);
}

TEST(account, adds_up_ended_activities) {
    place_account place;
    one_day(place);
    const place_reading reading = place.read();
    EXPECT_EQ(ticks(reading, activity::parked), 100u);
    EXPECT_EQ(ticks(reading, activity::search), 100u);
    EXPECT_EQ(ticks(reading, activity::dispatch), 50u);
    EXPECT_EQ(ticks(reading, activity::useful), 350u);
    EXPECT_EQ(reading.current, activity::parked);
    EXPECT_EQ(reading.previous, activity::useful);
    EXPECT_EQ(reading.since, 1600u);
    EXPECT_EQ(sum(reading), reading.since - reading.opened);
    EXPECT_EQ(place.ended(activity::useful), 350u);
}

TEST(account, extends_the_activity_that_goes_on) {
    place_account place;
    one_day(place);
    place_reading reading = place.read();
    reading.extend_to(2000);
    EXPECT_EQ(ticks(reading, activity::parked), 500u);
    EXPECT_EQ(sum(reading), 1000u);
    EXPECT_EQ(reading.since, 2000u);
}

TEST(account, takes_back_what_is_later_than_the_instant) {
    place_account place;
    one_day(place);
    place_reading reading = place.read();
    reading.extend_to(1500); // useful went on then
    EXPECT_EQ(ticks(reading, activity::useful), 250u);
    EXPECT_EQ(reading.current, activity::useful);
    EXPECT_EQ(sum(reading), 500u);
}

TEST(account, takes_back_more_than_the_previous_activity) {
    place_account place;
    one_day(place);
    place_reading reading = place.read();
    reading.extend_to(1150); // 450 back, of which useful has 350
    EXPECT_EQ(ticks(reading, activity::useful), 0u);
    EXPECT_EQ(sum(reading), 150u);
}

TEST(account, is_empty_before_it_opened) {
    place_account place;
    one_day(place);
    place_reading reading = place.read();
    reading.extend_to(900);
    EXPECT_EQ(sum(reading), 0u);
}

TEST(account, never_goes_back_where_the_clocks_of_cores_differ) {
    place_account place;
    place.open(1000);
    place.enter(activity::useful, 1100);
    place.enter(activity::search, 1090);
    const place_reading reading = place.read();
    EXPECT_EQ(ticks(reading, activity::useful), 0u);
    EXPECT_EQ(reading.since, 1100u);
    EXPECT_EQ(sum(reading), reading.since - reading.opened);
}

TEST(account, adds_the_holders_counts_and_the_shared_ones) {
    place_account place;
    place.open(0);
    place.add(counter::stolen);
    place.add(counter::stolen, 4);
    place.add_shared(counter::stolen, 10);
    place.add_shared(counter::tickets);
    const place_reading reading = place.read();
    EXPECT_EQ(reading.counts[static_cast<std::size_t>(counter::stolen)], 15u);
    EXPECT_EQ(reading.counts[static_cast<std::size_t>(counter::tickets)], 1u);
    EXPECT_EQ(reading.counts[static_cast<std::size_t>(counter::forks)], 0u);
}

TEST(account, keeps_delay_by_activity_and_time_above_the_limit) {
    place_account place;
    place.open(0);
    place.charge_delay(activity::useful, 70);
    place.charge_delay(activity::useful, 30);
    place.charge_delay(activity::search, 5);
    place.add_over(11);
    const place_reading reading = place.read();
    EXPECT_EQ(reading.delay[index(activity::useful)], 100u);
    EXPECT_EQ(reading.delay[index(activity::search)], 5u);
    EXPECT_EQ(reading.delay[index(activity::dispatch)], 0u);
    EXPECT_EQ(reading.over, 11u);
}

// Whatever instant a reader meets, the activities add up to the time that has passed.
TEST(account, is_consistent_while_the_holder_goes_on) {
    constexpr std::uint64_t transitions = 300'000;
    static constexpr activity round[] = {activity::search, activity::dispatch, activity::useful};
    place_account place;
    place.open(7);
    std::thread holder([&place] {
        std::uint64_t now = 7;
        for (std::uint64_t k = 0; k < transitions; ++k) {
            now += 1 + k % 5;
            place.enter(round[k % 3], now);
        }
        place.enter(activity::parked, now);
    });
    std::uint64_t last = 0;
    place_reading reading{};
    do {
        reading = place.read();
        ASSERT_EQ(sum(reading), reading.since - reading.opened);
        ASSERT_GE(reading.since, last);
        last = reading.since;
    } while (reading.current != activity::parked || last == 7);
    holder.join();
    EXPECT_EQ(last, 7 + transitions * 3);
}

} // namespace
