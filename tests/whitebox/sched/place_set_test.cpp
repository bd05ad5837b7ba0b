// SPDX-License-Identifier: Apache-2.0
#include "sched/place_set.hpp"

#include "sched/made_up_seats.hpp"
#include "support/sanitizers.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>
#include <vector>

namespace {

using namespace twill::sched; // NOLINT(google-build-using-namespace)
namespace topology = twill::topology;
using twill::testing_support::rows_of;

std::vector<int> members(const place_set& of, std::uint64_t start = 0) {
    std::vector<int> found;
    EXPECT_FALSE(of.for_each(start, [&found](int place) {
        found.push_back(place);
        return false;
    }));
    return found;
}

/// Does each summary say which words are not zero?
void expect_summary_of(const place_set& one, const topology::victim_policy& places) {
    for (int k = 0; k < places.words(); ++k) {
        EXPECT_EQ((one.summary(k / 64) >> (k % 64) & 1) != 0, one.word(k) != 0) << "word " << k;
    }
}

TEST(place_set, has_what_was_set) {
    const auto rows = rows_of(1024, 8);
    const topology::victim_policy places(rows, topology::victim_rule::level);
    ASSERT_EQ(places.words(), 128);
    place_set some(places);
    EXPECT_TRUE(members(some).empty());
    expect_summary_of(some, places);
    for (const int place : {0, 7, 8, 511, 512, 1023, 7}) {
        some.set(place);
        EXPECT_TRUE(some.has(place));
    }
    EXPECT_EQ(members(some), (std::vector<int>{0, 7, 8, 511, 512, 1023}));
    expect_summary_of(some, places);
    some.clear(7);
    some.clear(8);
    some.clear(9);
    some.clear(1023);
    EXPECT_EQ(members(some), (std::vector<int>{0, 511, 512}));
    expect_summary_of(some, places);
}

TEST(place_set, visits_all_wherever_it_begins_and_stops_when_told) {
    const auto rows = rows_of(200, 100); // words of 64 and 36
    const topology::victim_policy places(rows, topology::victim_rule::level);
    ASSERT_EQ(places.words(), 4);
    place_set all(places);
    for (int place = 0; place < 200; ++place) {
        all.set(place);
    }
    for (std::uint64_t start = 0; start < 300; start += 7) {
        std::vector<int> found = members(all, start);
        std::ranges::sort(found);
        ASSERT_EQ(found.size(), 200u);
        for (int place = 0; place < 200; ++place) {
            EXPECT_EQ(found[static_cast<std::size_t>(place)], place);
        }
    }
    EXPECT_EQ(members(all, 5).front(), 5);
    int visited = 0;
    EXPECT_TRUE(all.for_each(0, [&visited](int /*place*/) { return ++visited == 3; }));
    EXPECT_EQ(visited, 3);
}

// Each thread sets and clears places of its own, all in the same words: when they are done, bits
// and summaries are exactly what is left.
TEST(place_set, summaries_come_out_right) {
    constexpr int rounds = twill::testing_support::sanitized ? 5'000 : 100'000;
    const auto rows = rows_of(16, 4);
    const topology::victim_policy places(rows, topology::victim_rule::level);
    place_set some(places);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&some, t] {
            for (int k = 0; k < rounds; ++k) {
                const int place = (k % 4) * 4 + t;
                some.set(place);
                EXPECT_TRUE(some.has(place));
                some.clear(place);
            }
            some.set(t == 2 ? 8 + t : t);
        });
    }
    for (std::thread& one : threads) {
        one.join();
    }
    EXPECT_EQ(members(some), (std::vector<int>{0, 1, 3, 10}));
    expect_summary_of(some, places);
}

TEST(summary_bits, are_not_lowered_over_a_word_that_has_filled_again) {
    summary_bits one(100, ~std::uint64_t{0});
    EXPECT_EQ(one.count(), 2);
    one.lower(70, [] { return std::uint64_t{0}; });
    EXPECT_EQ(one.read(1) >> 6 & 1, 0u);
    one.lower(3, [] { return std::uint64_t{1}; });
    EXPECT_EQ(one.read(0) >> 3 & 1, 1u);
    one.raise(70);
    EXPECT_EQ(one.read(1) >> 6 & 1, 1u);
}

} // namespace
