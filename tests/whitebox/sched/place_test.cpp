// SPDX-License-Identifier: Apache-2.0
#include "sched/place.hpp"

#include "support/sanitizers.hpp"

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

namespace {

using namespace twill::sched; // NOLINT(google-build-using-namespace)
namespace detail = twill::detail;

void expect_counts(const place_word& word, std::int32_t free, std::int32_t searchers) {
    EXPECT_EQ(word.read().free, free);
    EXPECT_EQ(word.read().searchers, searchers);
    EXPECT_EQ(word.glance().free, free);
    EXPECT_EQ(word.glance().searchers, searchers);
}

TEST(place_word, counts_both_ways_and_below_zero) {
    place_word word(2);
    expect_counts(word, 2, 0);
    const place_counts sums = word.add(-1, +3);
    EXPECT_EQ(sums.free, 1);
    EXPECT_EQ(sums.searchers, 3);
    word.add(-4, -2);
    expect_counts(word, -3, 1);
    word.add(+1, -1); // a thread parks
    expect_counts(word, -2, 0);
    word.add(+2, 0);
    expect_counts(word, 0, 0);
    word.add(-1, +1);
    expect_counts(word, -1, 1);
    word.add(-1, -1);
    expect_counts(word, -2, 0);
}

TEST(place_word, every_small_change_from_every_small_count) {
    for (std::int32_t free = -3; free <= 3; ++free) {
        for (std::int32_t searchers = 0; searchers <= 3; ++searchers) {
            for (std::int32_t more_free = -2; more_free <= 2; ++more_free) {
                for (std::int32_t more = -searchers; more <= 2; ++more) {
                    place_word word(0);
                    word.add(free, searchers);
                    const place_counts sums = word.add(more_free, more);
                    EXPECT_EQ(sums.free, free + more_free);
                    EXPECT_EQ(sums.searchers, searchers + more);
                    expect_counts(word, free + more_free, searchers + more);
                }
            }
        }
    }
}

TEST(place_word, take_wants_a_free_place) {
    place_word word(2);
    EXPECT_TRUE(word.take());
    EXPECT_TRUE(word.take());
    EXPECT_FALSE(word.take());
    expect_counts(word, 0, 0);
    word.add(-1, 0);
    EXPECT_FALSE(word.take());
    word.add(+2, +5);
    EXPECT_TRUE(word.take());
    expect_counts(word, 0, 5);
}

TEST(place_word, take_for_search_wants_an_idle_place) {
    place_word word(2);
    EXPECT_TRUE(word.take_for_search());
    expect_counts(word, 1, 1);
    EXPECT_FALSE(word.take_for_search()) << "somebody searches";
    word.add(0, -1);
    EXPECT_TRUE(word.take_for_search());
    word.add(0, -1);
    expect_counts(word, 0, 0);
    EXPECT_FALSE(word.take_for_search()) << "no place is free";
    word.add(-1, 0);
    EXPECT_FALSE(word.take_for_search());
    expect_counts(word, -1, 0);
}

TEST(place_word, take_for_wanted_as_often_as_was_wanted) {
    place_word word(3);
    EXPECT_FALSE(word.take_for_wanted()) << "nobody is wanted";
    word.want(2);
    EXPECT_TRUE(word.take_for_wanted());
    EXPECT_TRUE(word.take_for_wanted()) << "others search, which does not matter";
    EXPECT_FALSE(word.wants());
    EXPECT_FALSE(word.take_for_wanted());
    expect_counts(word, 1, 2);
    word.want(2);
    EXPECT_TRUE(word.take_for_wanted());
    EXPECT_FALSE(word.take_for_wanted()) << "no place is free";
    expect_counts(word, 0, 3);
    word.want(5);
    word.want(0);
    EXPECT_FALSE(word.wants()) << "the last word counts";
}

TEST(place_word, begin_search_is_refused_above_the_limit) {
    place_word word(0);
    EXPECT_TRUE(word.begin_search());
    EXPECT_TRUE(word.begin_search()) << "with a place of one's own others do not matter";
    expect_counts(word, 0, 2);
    word.add(-1, 0);
    EXPECT_FALSE(word.begin_search());
    expect_counts(word, -1, 2);
    word.add(+1, 0);
    EXPECT_TRUE(word.begin_search());
}

TEST(place_word, idle_is_a_free_place_without_a_searcher) {
    EXPECT_TRUE((place_counts{1, 0}).idle());
    EXPECT_FALSE((place_counts{0, 0}).idle());
    EXPECT_FALSE((place_counts{-1, 0}).idle());
    EXPECT_FALSE((place_counts{1, 1}).idle());
}

TEST(place_word, holds_the_largest_runtime) {
    place_word word(4096);
    for (int k = 0; k < 4096; ++k) {
        ASSERT_TRUE(word.take());
    }
    EXPECT_FALSE(word.take());
    word.add(0, 4096);
    expect_counts(word, 0, 4096);
}

TEST(place_word, threads_never_take_more_than_there_is) {
    constexpr int rounds = twill::testing_support::sanitized ? 5'000 : 50'000;
    place_word word(2);
    detail::atomic<std::int32_t> held{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int k = 0; k < rounds; ++k) {
                if (word.take()) {
                    EXPECT_LE(held.fetch_add(1, detail::seq_cst), 1);
                    held.fetch_sub(1, detail::seq_cst);
                    word.add(+1, 0);
                }
                if (word.take_for_search()) {
                    EXPECT_LE(held.fetch_add(1, detail::seq_cst), 1);
                    held.fetch_sub(1, detail::seq_cst);
                    word.add(+1, -1);
                }
            }
        });
    }
    for (std::thread& one : threads) {
        one.join();
    }
    expect_counts(word, 2, 0);
}

TEST(place_numbers, the_lowest_goes_first_and_all_of_them_go) {
    for (const std::uint32_t count : {1u, 2u, 63u, 64u, 65u, 128u, 200u, 4096u}) {
        place_numbers numbers(count);
        for (std::uint32_t k = 0; k < count; ++k) {
            ASSERT_EQ(numbers.try_take(), static_cast<std::int32_t>(k)) << count;
        }
        EXPECT_EQ(numbers.try_take(), -1) << count;
        EXPECT_EQ(numbers.try_take(), -1) << count;
        numbers.put(static_cast<std::int32_t>(count - 1));
        numbers.put(0);
        EXPECT_EQ(numbers.try_take(), 0);
        EXPECT_EQ(numbers.try_take(), count == 1 ? -1 : static_cast<std::int32_t>(count - 1));
        EXPECT_EQ(numbers.try_take(), -1);
    }
}

TEST(place_numbers, no_two_threads_hold_the_same) {
    constexpr int rounds = twill::testing_support::sanitized ? 5'000 : 50'000;
    constexpr std::uint32_t count = 66; // two words
    place_numbers numbers(count);
    for (std::uint32_t k = 0; k < 62; ++k) {
        static_cast<void>(numbers.try_take()); // four are left: 62 to 65
    }
    // Not atomic: who holds a number may write what belongs to it.
    std::vector<int> holders(count, 0);
    std::vector<std::thread> threads;
    for (int t = 1; t <= 4; ++t) {
        threads.emplace_back([&, t] {
            for (int k = 0; k < rounds; ++k) {
                // As many threads as numbers, so one is always there, if not always seen.
                std::int32_t number = numbers.try_take();
                while (number < 0) {
                    detail::pause();
                    number = numbers.try_take();
                }
                int& holder = holders[static_cast<std::size_t>(number)];
                EXPECT_EQ(holder, 0);
                holder = t;
                EXPECT_EQ(holder, t);
                holder = 0;
                numbers.put(number);
            }
        });
    }
    for (std::thread& one : threads) {
        one.join();
    }
    std::set<std::int32_t> left;
    for (std::int32_t number = 0; (number = numbers.try_take()) >= 0;) {
        left.insert(number);
    }
    EXPECT_EQ(left, (std::set<std::int32_t>{62, 63, 64, 65}));
}

} // namespace
