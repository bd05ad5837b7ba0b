// SPDX-License-Identifier: Apache-2.0
#include "sched/job_state.hpp"

#include "sched/deque.hpp"
#include "sched/thread_table.hpp"

#include <gtest/gtest.h>

namespace {

using twill::sched::deque_word;
using twill::sched::helped;
using twill::sched::job_state;
using twill::sched::thread_table;

constexpr std::uint32_t last_id = thread_table::threads_max - 1;
constexpr std::uint32_t last_epoch = deque_word::epoch_mask;

TEST(job_state, a_record_keeps_owner_thief_and_epoch) {
    for (const std::uint32_t owner : {0u, 1u, 0x2aaau, last_id}) {
        for (const std::uint32_t thief : {0u, 1u, 0x1555u, last_id}) {
            for (const std::uint32_t epoch : {0u, 1u, 0xaaaaaaau, last_epoch}) {
                const job_state state{job_state::record(owner, thief, epoch)};
                EXPECT_EQ(state.what(), job_state::tag::taken);
                EXPECT_EQ(state.owner(), owner);
                EXPECT_EQ(state.thief(), thief);
                EXPECT_EQ(state.epoch(), epoch);
                EXPECT_EQ(state.bits & job_state::waiting, 0u);
                EXPECT_FALSE(state.done());
            }
        }
    }
}

TEST(job_state, a_record_joins_what_is_there_by_or) {
    const auto published = static_cast<std::uint64_t>(job_state::tag::published);
    const std::uint64_t record = job_state::record(last_id, 0, last_epoch);
    EXPECT_EQ(published | record, record);
    const job_state state{(published | job_state::waiting) | record};
    EXPECT_EQ(state.what(), job_state::tag::taken);
    EXPECT_NE(state.bits & job_state::waiting, 0u);
    EXPECT_EQ(state.owner(), last_id);
    EXPECT_EQ(state.thief(), 0u);
    EXPECT_EQ(state.epoch(), last_epoch);
}

TEST(job_state, only_an_end_is_done) {
    const auto done = [](job_state::tag tag, std::uint64_t more = 0) {
        return job_state{static_cast<std::uint64_t>(tag) | more}.done();
    };
    EXPECT_TRUE(done(job_state::tag::returned));
    EXPECT_TRUE(done(job_state::tag::threw));
    EXPECT_FALSE(done(job_state::tag::published));
    EXPECT_FALSE(done(job_state::tag::published, job_state::waiting));
    EXPECT_FALSE(done(job_state::tag::sentinel));
    EXPECT_FALSE(done(job_state::tag::taken, job_state::waiting));
    EXPECT_FALSE(job_state{0}.done());
}

TEST(helped, tells_nobody_from_thread_0) {
    EXPECT_TRUE(helped{0}.nobody());
    for (const std::uint32_t thief : {0u, 1u, last_id}) {
        for (const std::uint32_t epoch : {0u, 1u, last_epoch}) {
            const helped note = helped::make(thief, epoch);
            EXPECT_FALSE(note.nobody());
            EXPECT_EQ(note.thief(), thief);
            EXPECT_EQ(note.epoch(), epoch);
        }
    }
}

} // namespace
