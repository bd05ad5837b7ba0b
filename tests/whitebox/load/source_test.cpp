// SPDX-License-Identifier: Apache-2.0
#include "load/source.hpp"
#include "load/thread_account.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

namespace {

using namespace twill::load_model;

constexpr std::uint64_t unit = load_source::ticks_per_unit;

struct opened_source {
    std::unique_ptr<place_account[]> places = std::make_unique<place_account[]>(3);
    load_source source;
    opened_source() { source.open(3, 2, places.get()); }
    [[nodiscard]] std::uint64_t at(std::uint64_t units) const {
        return source.opened().ticks + units * unit;
    }
};

TEST(source, opens_all_places_at_one_instant) {
    const opened_source one;
    EXPECT_EQ(one.source.workers(), 3);
    EXPECT_EQ(one.source.awake_limit(), 2);
    for (int k = 0; k < 3; ++k) {
        EXPECT_EQ(one.source.place(k).read().opened, one.source.opened().ticks);
    }
}

TEST(source, tells_the_limit_of_now) {
    opened_source one;
    one.source.set_awake_limit(1);
    EXPECT_EQ(one.source.awake_limit(), 1);
}

TEST(source, has_been_in_no_verb_at_first) {
    const opened_source one;
    EXPECT_EQ(one.source.inside_verbs(one.at(1000)), 0u);
}

TEST(source, adds_up_the_time_inside_verbs) {
    opened_source one;
    one.source.verb_began(one.at(10));
    EXPECT_EQ(one.source.inside_verbs(one.at(15)), 5 * unit);
    one.source.verb_ended(one.at(30));
    EXPECT_EQ(one.source.inside_verbs(one.at(100)), 20 * unit);
    one.source.verb_began(one.at(100));
    one.source.verb_ended(one.at(107));
    EXPECT_EQ(one.source.inside_verbs(one.at(200)), 27 * unit);
}

TEST(source, counts_the_time_of_verbs_that_overlap_once) {
    opened_source one;
    one.source.verb_began(one.at(10));
    one.source.verb_began(one.at(20));
    one.source.verb_ended(one.at(30)); // whichever of the two
    EXPECT_EQ(one.source.inside_verbs(one.at(35)), 25 * unit);
    one.source.verb_ended(one.at(40));
    EXPECT_EQ(one.source.inside_verbs(one.at(50)), 30 * unit);
}

TEST(source, is_never_inside_verbs_for_longer_than_it_exists) {
    opened_source one;
    one.source.verb_began(one.at(0));
    EXPECT_EQ(one.source.inside_verbs(one.at(50)), 50 * unit);
    one.source.verb_ended(one.at(60));
    EXPECT_EQ(one.source.inside_verbs(one.at(58)), 58 * unit); // an end later than the instant
}

TEST(source, has_no_time_in_a_verb_that_begins_later) {
    opened_source one;
    one.source.verb_began(one.at(20));
    EXPECT_EQ(one.source.inside_verbs(one.at(18)), 0u);
}

TEST(source, stands_verbs_of_many_threads) {
    constexpr int verbs = 20'000;
    opened_source one;
    const std::uint64_t first = one.at(1);
    const std::uint64_t last = one.at(1001);
    one.source.verb_began(first); // all others lie within this one
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&one] {
            for (int k = 0; k < verbs; ++k) {
                one.source.verb_began(one.at(5));
                one.source.verb_ended(one.at(6));
            }
        });
    }
    for (std::thread& each : threads) {
        each.join();
    }
    one.source.verb_ended(last);
    EXPECT_EQ(one.source.inside_verbs(one.at(5000)), 1000 * unit);
}

TEST(source, lists_every_thread_once_newest_first) {
    opened_source one;
    EXPECT_EQ(one.source.first_thread(), nullptr);
    thread_account older;
    thread_account newer;
    older.attach(one.source, thread_account::role::worker);
    newer.attach(one.source, thread_account::role::guest);
    older.detach();
    older.attach(one.source, thread_account::role::worker);
    EXPECT_EQ(one.source.first_thread(), &newer);
    EXPECT_EQ(newer.next(), &older);
    EXPECT_EQ(older.next(), nullptr);
    older.detach();
    newer.detach();
}

} // namespace
