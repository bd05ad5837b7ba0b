// SPDX-License-Identifier: Apache-2.0
#include "sched/thread_table.hpp"

#include "sched/access.hpp"
#include "support/sanitizers.hpp"

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

namespace {

using namespace twill::sched; // NOLINT(google-build-using-namespace)
namespace detail = twill::detail;

class table : public testing::Test {
protected:
    void add(std::uint32_t count) {
        for (std::uint32_t k = 0; k < count; ++k) {
            ASSERT_NE(table_.add(owner_, false), nullptr);
        }
    }

    /// The numbers of running threads in the order of a visit that begins at `start`.
    std::vector<std::uint32_t> running_from(std::uint64_t start) {
        std::vector<std::uint32_t> order;
        EXPECT_FALSE(table_.for_each_set(
            start, [this](std::uint32_t segment) { return table_.running_word(segment); },
            [&](thread_record& one) {
                order.push_back(one.id);
                return false;
            }));
        return order;
    }

    scheduler owner_{alone()};
    thread_table& table_ = owner_.table();
};

TEST_F(table, is_empty_at_first) {
    EXPECT_EQ(table_.size(), 0u);
    EXPECT_EQ(table_.segments(), 0u);
    EXPECT_TRUE(running_from(0).empty());
    EXPECT_TRUE(running_from(~std::uint64_t{0}).empty());
}

TEST_F(table, numbers_records_in_order_and_keeps_them) {
    thread_record* const guest = table_.add(owner_, true);
    EXPECT_TRUE(guest->guest);
    EXPECT_EQ(&guest->owner, &owner_);
    std::vector<thread_record*> all{guest};
    for (std::uint32_t k = 1; k < 200; ++k) {
        all.push_back(table_.add(owner_, false));
        EXPECT_FALSE(all.back()->guest);
        EXPECT_EQ(table_.size(), k + 1);
        EXPECT_EQ(table_.segments(), k / 64 + 1);
    }
    for (std::uint32_t k = 0; k < 200; ++k) {
        EXPECT_EQ(&table_[k], all[k]);
        EXPECT_EQ(all[k]->id, k);
    }
}

TEST_F(table, ends_at_its_limit) {
    add(thread_table::threads_max);
    EXPECT_EQ(table_.size(), 16384u);
    EXPECT_EQ(table_.segments(), 256u);
    EXPECT_EQ(table_.add(owner_, false), nullptr);
    EXPECT_EQ(table_.size(), 16384u);
    table_.set_running(16383);
    EXPECT_EQ(running_from(5), (std::vector<std::uint32_t>{16383}));
}

TEST_F(table, records_differ_in_what_they_draw) {
    add(64);
    std::set<std::uint64_t> first;
    for (std::uint32_t k = 0; k < 64; ++k) {
        first.insert(table_[k].next_random());
    }
    EXPECT_EQ(first.size(), 64u);
}

TEST_F(table, bits_are_set_and_cleared_one_by_one) {
    add(130);
    for (const std::uint32_t id : {0u, 63u, 64u, 129u}) {
        table_.set_running(id);
        table_.set_running(id);
        table_.set_public(id);
        table_.set_public(id);
    }
    EXPECT_EQ(table_.running_word(0), 1u | std::uint64_t{1} << 63);
    EXPECT_EQ(table_.public_word(0), 1u | std::uint64_t{1} << 63);
    EXPECT_EQ(table_.running_word(1), 1u);
    EXPECT_EQ(table_.public_word(2), 2u);
    table_.clear_running(63);
    table_.clear_running(5);
    EXPECT_EQ(table_.running_word(0), 1u);
    EXPECT_EQ(table_.public_word(0), 1u | std::uint64_t{1} << 63);
}

TEST_F(table, a_public_bit_is_cleaned_only_over_an_empty_deque) {
    add(2);
    job one{};
    job* const list = &one;
    table_[1].deque.publish({&list, 1});
    table_.set_public(0);
    table_.set_public(1);
    table_.clean_public(0);
    table_.clean_public(1);
    EXPECT_EQ(table_.public_word(0), 2u);
    EXPECT_TRUE(table_[1].deque.take_back(&one));
    table_.clean_public(1);
    EXPECT_EQ(table_.public_word(0), 0u);
}

TEST_F(table, a_visit_comes_by_each_once_from_every_start) {
    add(200);
    const std::set<std::uint32_t> set{0, 1, 31, 63, 64, 100, 127, 128, 199};
    for (const std::uint32_t id : set) {
        table_.set_running(id);
    }
    for (std::uint64_t start = 0; start < 600; ++start) {
        const std::vector<std::uint32_t> order = running_from(start);
        ASSERT_EQ(order.size(), set.size()) << start;
        EXPECT_EQ(std::set<std::uint32_t>(order.begin(), order.end()), set) << start;
        // Segment by segment, and the start's first.
        EXPECT_EQ(order.front() / 64, start / 64 % 4) << start;
    }
    EXPECT_EQ(running_from(~std::uint64_t{0}).size(), set.size());
}

TEST_F(table, every_thread_is_visited_first_from_some_start) {
    add(128);
    const std::set<std::uint32_t> set{0, 1, 2, 40, 70, 71};
    for (const std::uint32_t id : set) {
        table_.set_running(id);
    }
    std::set<std::uint32_t> first;
    for (std::uint64_t start = 0; start < 128; ++start) {
        first.insert(running_from(start).front());
    }
    EXPECT_EQ(first, set);
}

TEST_F(table, a_visit_ends_with_the_first_that_says_so) {
    add(10);
    for (std::uint32_t id = 0; id < 10; ++id) {
        table_.set_running(id);
    }
    int visits = 0;
    EXPECT_TRUE(table_.for_each_set(
        0, [this](std::uint32_t segment) { return table_.running_word(segment); },
        [&](thread_record&) { return ++visits == 3; }));
    EXPECT_EQ(visits, 3);
}

TEST_F(table, threads_add_and_look_at_the_same_time) {
    constexpr std::uint32_t each = twill::testing_support::sanitized ? 300 : 1000;
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t) {
        threads.emplace_back([&] {
            for (std::uint32_t k = 0; k < each; ++k) {
                thread_record* const mine = table_.add(owner_, true);
                ASSERT_NE(mine, nullptr);
                table_.set_running(mine->id);
                const std::uint32_t size = table_.size();
                ASSERT_GT(size, mine->id);
                ASSERT_EQ(table_[size - 1].id, size - 1);
                table_.clear_running(mine->id);
            }
        });
    }
    for (std::thread& one : threads) {
        one.join();
    }
    EXPECT_EQ(table_.size(), 3 * each);
    for (std::uint32_t id = 0; id < table_.size(); ++id) {
        EXPECT_EQ(table_[id].id, id);
    }
    EXPECT_TRUE(running_from(0).empty());
}

TEST_F(table, a_bit_is_never_cleared_over_a_public_job) {
    // The owner publishes and takes back, another thread cleans: whenever there is a job, the bit
    // is set, or is about to be by whoever cleaned.
    constexpr int rounds = twill::testing_support::sanitized ? 5'000 : 100'000;
    add(1);
    detail::atomic<std::uint32_t> end{0};
    std::thread cleaner([&] {
        while (end.load(detail::acquire) == 0) {
            if (table_[0].deque.read(detail::acquire).count() == 0) {
                table_.clean_public(0);
            }
        }
    });
    job one{};
    job* const list = &one;
    for (int k = 0; k < rounds; ++k) {
        table_[0].deque.publish({&list, 1});
        table_.set_public(0);
        while (table_.public_word(0) == 0) {
            detail::pause(); // for ever, if the bit is lost
        }
        ASSERT_TRUE(table_[0].deque.take_back(&one));
    }
    end.store(1, detail::release);
    cleaner.join();
}

} // namespace
