// SPDX-License-Identifier: Apache-2.0
#include "sched/deque.hpp"

#include "sched/jobs.hpp"
#include "support/child.hpp"
#include "support/sanitizers.hpp"

#include <csignal>
#include <vector>

namespace {

using namespace twill::sched; // NOLINT(google-build-using-namespace)
namespace detail = twill::detail;
using twill::testing_support::child_end;
using twill::testing_support::in_child;

constexpr std::uint32_t tail_end = 1u << 24;
constexpr std::uint32_t epoch_end = 1u << 28;

void publish(public_deque& to, const job_list& jobs, std::size_t from, std::size_t end) {
    std::vector<job*> newest_first;
    for (std::size_t k = end; k > from; --k) {
        newest_first.push_back(&jobs[k - 1]);
    }
    to.publish(newest_first);
}

TEST(deque_word, fields_do_not_touch_each_other) {
    for (const std::uint32_t epoch : {0u, 1u, 0x5555555u, epoch_end - 1}) {
        for (const std::uint32_t tail : {0u, 1u, 0x555555u, tail_end - 1}) {
            for (const std::uint32_t count : {0u, 1u, 64u, 256u, 4095u}) {
                const deque_word word = deque_word::make(epoch, tail, count);
                EXPECT_EQ(word.epoch(), epoch);
                EXPECT_EQ(word.tail(), tail);
                EXPECT_EQ(word.count(), count);
            }
        }
    }
}

TEST(deque_word, tail_and_epoch_wrap_around) {
    EXPECT_EQ(deque_word::make(3, tail_end, 7).bits, deque_word::make(3, 0, 7).bits);
    EXPECT_EQ(deque_word::make(epoch_end + 2, 5, 7).bits, deque_word::make(2, 5, 7).bits);
    static_assert(tail_end % public_deque::capacity == 0, "slots follow a tail that wraps");
    static_assert(public_deque::capacity < 4096, "12 bits count them");
}

TEST(deque, is_empty_at_first) {
    public_deque deque;
    EXPECT_TRUE(deque.empty());
    EXPECT_EQ(deque.read(detail::acquire).bits, 0u);
    job_list jobs(1);
    EXPECT_FALSE(deque.take_back(&jobs[0]));
    EXPECT_EQ(deque.read(detail::acquire).bits, 0u);
}

TEST(deque, thieves_take_the_oldest_and_the_owner_the_newest) {
    public_deque deque;
    const job_list jobs(6);
    publish(deque, jobs, 0, 4);
    publish(deque, jobs, 4, 6);
    EXPECT_EQ(deque.read(detail::acquire).count(), 6u);
    EXPECT_EQ(steal_oldest(deque), &jobs[0]);
    EXPECT_TRUE(deque.take_back(&jobs[5]));
    EXPECT_EQ(steal_oldest(deque), &jobs[1]);
    EXPECT_TRUE(deque.take_back(&jobs[4]));
    EXPECT_TRUE(deque.take_back(&jobs[3]));
    EXPECT_EQ(steal_oldest(deque), &jobs[2]);
    EXPECT_EQ(steal_oldest(deque), nullptr);
    EXPECT_FALSE(deque.take_back(&jobs[2]));
    EXPECT_TRUE(deque.empty());
}

TEST(deque, tail_only_grows_so_that_no_word_returns) {
    public_deque deque;
    const job_list jobs(1);
    std::uint32_t tail = 0;
    for (int k = 0; k < 100; ++k) {
        publish(deque, jobs, 0, 1);
        EXPECT_EQ(deque.read(detail::acquire).tail(), tail);
        if (k % 2 == 0) {
            EXPECT_TRUE(deque.take_back(&jobs[0]));
        } else {
            EXPECT_EQ(steal_oldest(deque), &jobs[0]);
        }
        EXPECT_EQ(deque.read(detail::acquire).tail(), ++tail);
    }
}

TEST(deque, a_thief_with_an_old_word_takes_nothing) {
    public_deque deque;
    const job_list jobs(3);
    publish(deque, jobs, 0, 1);
    const deque_word old = deque.read(detail::acquire);
    EXPECT_TRUE(deque.take_back(&jobs[0]));
    EXPECT_FALSE(deque.take(old));
    publish(deque, jobs, 0, 1); // the same job at the same address once more
    EXPECT_FALSE(deque.take(old));
    const deque_word before_more = deque.read(detail::acquire);
    publish(deque, jobs, 1, 3);
    EXPECT_FALSE(deque.take(before_more)) << "exactly the deque that was seen";
    EXPECT_EQ(steal_oldest(deque), &jobs[0]);
}

TEST(deque, a_thief_with_an_old_epoch_takes_nothing) {
    public_deque deque;
    const job_list jobs(1);
    deque.begin_root(1);
    publish(deque, jobs, 0, 1);
    const deque_word seen = deque.read(detail::acquire);
    EXPECT_EQ(seen.epoch(), 1u);
    EXPECT_FALSE(deque.take(deque_word::make(2, seen.tail(), seen.count())));
    EXPECT_FALSE(deque.take(deque_word::make(0, seen.tail(), seen.count())));
    EXPECT_TRUE(deque.take(seen));
}

TEST(deque, an_epoch_lasts_until_the_next_root) {
    public_deque deque;
    const job_list jobs(2);
    for (const std::uint32_t epoch : {7u, epoch_end - 1, 0u, 3u}) {
        const std::uint32_t tail = deque.read(detail::acquire).tail();
        deque.begin_root(epoch);
        EXPECT_EQ(deque.read(detail::acquire).epoch(), epoch);
        EXPECT_EQ(deque.read(detail::acquire).tail(), tail);
        publish(deque, jobs, 0, 2);
        EXPECT_EQ(steal_oldest(deque), &jobs[0]);
        EXPECT_TRUE(deque.take_back(&jobs[1]));
        EXPECT_EQ(deque.read(detail::acquire).epoch(), epoch);
    }
}

TEST(deque, holds_as_many_as_its_capacity) {
    public_deque deque;
    const job_list jobs(public_deque::capacity);
    publish(deque, jobs, 0, 1);
    EXPECT_TRUE(deque.take_back(&jobs[0])); // not aligned to the slots
    publish(deque, jobs, 0, jobs.size());
    EXPECT_EQ(deque.read(detail::acquire).count(), jobs.size());
    for (std::size_t k = 0; k < jobs.size() / 2; ++k) {
        EXPECT_EQ(steal_oldest(deque), &jobs[k]);
        EXPECT_TRUE(deque.take_back(&jobs[jobs.size() - 1 - k]));
    }
    EXPECT_TRUE(deque.empty());
}

TEST(deque, goes_on_when_its_tail_wraps_around) {
    if (twill::testing_support::sanitized) {
        GTEST_SKIP() << "2^24 jobs by one thread: slow, and nothing for a sanitizer to see";
    }
    public_deque deque;
    const job_list jobs(128);
    deque.begin_root(5);
    for (std::uint32_t tail = 0; tail < tail_end - 64; tail += 64) {
        publish(deque, jobs, 0, 64);
        for (int k = 0; k < 64; ++k) {
            ASSERT_NE(steal_oldest(deque), nullptr);
        }
    }
    EXPECT_EQ(deque.read(detail::acquire).tail(), tail_end - 64);
    publish(deque, jobs, 0, 128);
    for (std::size_t k = 0; k < 100; ++k) {
        EXPECT_EQ(steal_oldest(deque), &jobs[k]);
    }
    EXPECT_EQ(deque.read(detail::acquire).tail(), 36u);
    EXPECT_EQ(deque.read(detail::acquire).epoch(), 5u) << "the tail's carry went into the epoch";
    for (std::size_t k = 128; k > 100; --k) {
        EXPECT_TRUE(deque.take_back(&jobs[k - 1]));
    }
    EXPECT_TRUE(deque.empty());
    EXPECT_EQ(deque.read(detail::acquire).tail(), 37u);
    EXPECT_EQ(deque.read(detail::acquire).epoch(), 5u);
}

TEST(deque, an_emptied_deque_wraps_its_tail_too) {
    if (twill::testing_support::sanitized) {
        GTEST_SKIP() << "2^24 jobs by one thread: slow, and nothing for a sanitizer to see";
    }
    public_deque deque;
    const job_list jobs(1);
    deque.begin_root(epoch_end - 1);
    for (std::uint32_t tail = 0; tail < tail_end; ++tail) {
        job* const one = &jobs[0];
        deque.publish({&one, 1});
        ASSERT_TRUE(deque.take_back(one));
    }
    EXPECT_EQ(deque.read(detail::acquire).bits, deque_word::make(epoch_end - 1, 0, 0).bits);
}

TEST(deque, what_must_not_happen_ends_the_program_with_a_line) {
    const job_list jobs(public_deque::capacity + 1);
    const auto expect_check = [](const child_end& end) {
        EXPECT_TRUE(end.killed_by(SIGABRT)) << end.status;
        EXPECT_TRUE(end.errors.starts_with("twill: internal error: ")) << end.errors;
    };
    expect_check(in_child([&] {
        public_deque deque;
        publish(deque, jobs, 0, jobs.size());
    }));
    expect_check(in_child([&] {
        public_deque deque;
        publish(deque, jobs, 0, 2);
        static_cast<void>(deque.take_back(&jobs[0]));
    }));
    expect_check(in_child([&] {
        public_deque deque;
        publish(deque, jobs, 0, 1);
        deque.begin_root(1);
    }));
}

} // namespace
