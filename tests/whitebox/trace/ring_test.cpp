// SPDX-License-Identifier: Apache-2.0
// What goes into a ring comes out in order and with its time, and what does not fit is counted
// where it was lost.
#include "trace/ring.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace {

using namespace twill::trace; // NOLINT(google-build-using-namespace)
namespace detail = twill::detail;

/// What a consumer has seen of a ring.
struct reading {
    std::vector<std::uint64_t> words;
    std::vector<std::uint64_t> first_ticks;
    std::vector<std::uint64_t> lost;

    std::uint64_t take(ring& from, std::uint32_t session) {
        std::uint64_t took = 0;
        EXPECT_TRUE(from.empty(session, took, [this](std::uint64_t tick, auto part, auto gone) {
            words.insert(words.end(), part.begin(), part.end());
            first_ticks.push_back(tick);
            lost.push_back(gone);
            return true;
        }));
        return took;
    }
};

TEST(ring, keeps_order_payload_and_time) {
    ring events;
    events.begin(1);
    events.put(event_type::fork, 0, 1000);
    events.put(event_type::spawn, 77, 1010);
    events.put(event_type::root_begin, 2, wide_from({3, 4}), 1020);
    reading got;
    EXPECT_EQ(got.take(events, 1), 4u); // the first event's delta holds its absolute time
    ASSERT_EQ(got.first_ticks.size(), 1u);
    EXPECT_EQ(got.first_ticks[0], 1000u);
    EXPECT_EQ(type_of(got.words[0]), event_type::fork);
    EXPECT_EQ(got.words[1], event_word(event_type::spawn, 77, 10));
    EXPECT_EQ(got.words[2], event_word(event_type::root_begin, 2, 10));
    EXPECT_EQ(root_from(wide_of(got.words[3])), (root_link{3, 4}));
    EXPECT_EQ(got.take(events, 1), 0u);
}

TEST(ring, a_long_time_is_a_word_of_its_own) {
    ring events;
    events.begin(1);
    const std::uint64_t late = std::uint64_t{1} << 50;
    events.put(event_type::fork, 0, late);
    events.put(event_type::sync, 0, late - 5); // a clock that goes back stands still
    events.put(event_type::fork, 0, late + largest_delta + 1);
    reading got;
    EXPECT_EQ(got.take(events, 1), 5u);
    EXPECT_EQ(got.first_ticks[0], late);
    EXPECT_EQ(got.words[0], wide_word(event_type::time, late));
    EXPECT_EQ(got.words[1], event_word(event_type::fork, 0, 0));
    EXPECT_EQ(got.words[2], event_word(event_type::sync, 0, 0));
    EXPECT_EQ(got.words[3], wide_word(event_type::time, largest_delta + 1));
    EXPECT_EQ(got.words[4], event_word(event_type::fork, 0, 0));
}

TEST(ring, what_finds_no_room_is_counted_where_it_was_lost) {
    ring events;
    events.begin(1);
    const std::uint64_t more = ring::capacity + 500;
    for (std::uint64_t k = 0; k < more; ++k) {
        events.put(event_type::fork, 0, 1000 + k);
    }
    reading got;
    const std::uint64_t kept = got.take(events, 1);
    EXPECT_LE(kept, ring::capacity);
    EXPECT_GT(kept, ring::capacity - 4);
    EXPECT_EQ(got.lost, std::vector<std::uint64_t>{0});
    EXPECT_EQ(events.lost_at_end(1), more - kept);
    // The next one goes in, and says what is missing before it.
    events.put(event_type::sync, 0, 5'000'000);
    EXPECT_EQ(got.take(events, 1), 1u);
    EXPECT_EQ(got.lost.back(), more - kept);
    EXPECT_EQ(got.first_ticks.back(), 5'000'000u);
    EXPECT_EQ(events.lost_at_end(1), 0u);
}

TEST(ring, goes_around) {
    ring events;
    events.begin(1);
    std::uint64_t put = 0;
    std::uint64_t took = 0;
    for (int round = 0; round < 9; ++round) {
        for (std::uint64_t k = 0; k < ring::capacity / 4 + 3; ++k) {
            events.put(event_type::spawn, static_cast<std::uint32_t>(put & largest_payload),
                       1000 + put);
            ++put;
        }
        reading got;
        took += got.take(events, 1);
        for (std::size_t k = 0; k < got.words.size(); ++k) {
            ASSERT_EQ(payload_of(got.words[k]), put - got.words.size() + k);
        }
        ASSERT_EQ(got.first_ticks[0], 1000 + put - got.words.size());
    }
    EXPECT_EQ(took, put);
}

TEST(ring, of_an_earlier_session_nothing_is_read) {
    ring events;
    events.begin(1);
    events.put(event_type::fork, 0, 1000);
    reading got;
    EXPECT_EQ(got.take(events, 2), 0u);
    events.begin(2);
    EXPECT_EQ(got.take(events, 2), 0u);
    events.put(event_type::sync, 0, 2000);
    EXPECT_EQ(got.take(events, 1), 0u);
    EXPECT_EQ(got.take(events, 2), 1u);
    EXPECT_EQ(got.first_ticks[0], 2000u);
    EXPECT_EQ(type_of(got.words[0]), event_type::sync);
}

// Every number that was put in comes out, or is counted as lost between its neighbours.
TEST(ring, a_producer_and_a_consumer_agree) {
    ring events;
    events.begin(1);
    constexpr std::uint32_t all = 3'000'000;
    std::atomic<bool> all_put = false;
    std::thread producer([&] {
        for (std::uint32_t k = 0; k < all; ++k) {
            events.put(event_type::spawn, k, 1000 + k);
        }
        all_put = true;
    });
    std::uint32_t next = 0;
    const auto look = [&] {
        std::uint64_t took = 0;
        events.empty(1, took, [&](std::uint64_t tick, auto words, std::uint64_t lost) {
            next += static_cast<std::uint32_t>(lost);
            EXPECT_EQ(tick, 1000 + next);
            for (const std::uint64_t word : words) {
                if (payload_of(word) != next) {
                    ADD_FAILURE() << payload_of(word) << " for " << next;
                    return false;
                }
                ++next;
            }
            return true;
        });
        return took;
    };
    // Who does not get to look meanwhile has lost more than half.
    while (next < all / 2 && !all_put) {
        look();
    }
    producer.join();
    look();
    EXPECT_EQ(next + events.lost_at_end(1), all);
}

} // namespace
