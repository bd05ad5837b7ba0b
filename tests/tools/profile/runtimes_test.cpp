// SPDX-License-Identifier: Apache-2.0
// Events of several runtimes in one file.
#include "profile/read.hpp"

#include "recording.hpp"

#include <gtest/gtest.h>

#include <tuple>

namespace {

using namespace twill::profile::testing; // NOLINT(google-build-using-namespace)
using twill::profile::profile;
using twill::trace::event_type;
using twill::trace::root_why;
namespace trace = twill::trace;

constexpr auto stolen = static_cast<std::uint32_t>(root_why::steal);

/// Thread 0 forks at `begin`; thread 1 steals the second half, which takes `longer` as well.
struct stolen_fork {
    thread_events victim;
    thread_events thief;

    stolen_fork(std::uint64_t begin, std::uint64_t first, std::uint64_t longer) {
        victim.useful(begin);
        victim.at(begin, event_type::fork);
        victim.useful(begin + first, false);
        victim.link(begin + first + longer, event_type::join_stolen, 0, {1, 7});
        victim.at(begin + first + longer, event_type::sync);
        thief.link(begin, event_type::root_begin, stolen, {0, 7});
        thief.useful(begin);
        thief.at(begin + first + longer, event_type::root_end);
        thief.useful(begin + first + longer, false);
    }
};

class profile_runtimes : public profile_test {
protected:
    /// Runtime 0 has a fork of 100 and 150, runtime 2 one of 1000 and 1300: the same threads, the
    /// same epochs, at the same time.
    void write_two(std::uint64_t dropped_in_2 = 0) const {
        const stolen_fork of_default(1'000, 100, 50);
        const stolen_fork of_second(1'000, 1'000, 300);
        trace::file_writer to;
        ASSERT_TRUE(to.open(path().c_str(), plain_header(), trace::existing_file::overwrite));
        of_default.victim.write(to, {0, 0}, 1);
        of_second.victim.write(to, {0, 2}, 2);
        of_second.thief.write(to, {1, 2}, 1);
        of_default.thief.write(to, {1, 0}, 2);
        if (dropped_in_2 > 0) {
            ASSERT_TRUE(to.write_events({1, 2}, 9'000, {}, dropped_in_2));
        }
        trace::runtime pool;
        pool.number = 2;
        pool.name = "pool";
        ASSERT_TRUE(to.write(trace::runtime_table{{pool}}));
        ASSERT_TRUE(to.finish({}));
    }
};

TEST_F(profile_runtimes, have_work_and_span_of_their_own) {
    write_two();
    const profile of = twill::profile::read(path());
    EXPECT_TRUE(of.complete);
    EXPECT_TRUE(of.notes.empty()) << of.notes.front();
    ASSERT_TRUE(of.strands) << of.no_dag;
    EXPECT_EQ(of.strands->work, 250);
    EXPECT_EQ(of.strands->span, 150);
    ASSERT_EQ(of.runtimes.size(), 1U);
    EXPECT_EQ(of.runtimes[0].name, "pool");
    ASSERT_TRUE(of.runtimes[0].strands) << of.runtimes[0].no_dag;
    EXPECT_EQ(of.runtimes[0].strands->work, 2'300);
    EXPECT_EQ(of.runtimes[0].strands->span, 1'300);
    EXPECT_EQ(of.runtimes[0].events, 9U);
    EXPECT_EQ(of.events, 18U);
}

TEST_F(profile_runtimes, lose_work_and_span_by_their_own_drops_alone) {
    write_two(3);
    const profile of = twill::profile::read(path());
    EXPECT_TRUE(of.strands) << of.no_dag;
    ASSERT_EQ(of.runtimes.size(), 1U);
    EXPECT_FALSE(of.runtimes[0].strands);
    EXPECT_EQ(of.runtimes[0].no_dag, "3 events were dropped");
    EXPECT_EQ(of.runtimes[0].dropped, 3U);
    EXPECT_EQ(of.dropped, 3U);
}

TEST_F(profile_runtimes, without_accounts_have_a_row) {
    trace::file_writer to;
    ASSERT_TRUE(to.open(path().c_str(), plain_header()));
    const stolen_fork one(0, 10, 5);
    one.victim.write(to, {0, trace::largest_runtime}, 9);
    one.thief.write(to, {1, trace::largest_runtime}, 9);
    ASSERT_TRUE(to.finish({}));
    const profile of = twill::profile::read(path());
    ASSERT_EQ(of.runtimes.size(), 1U);
    EXPECT_EQ(of.runtimes[0].number, 0xffffU);
    EXPECT_EQ(of.runtimes[0].name, "(no accounts)");
    ASSERT_TRUE(of.runtimes[0].strands) << of.runtimes[0].no_dag;
    EXPECT_EQ(of.runtimes[0].strands->span, 15);
    EXPECT_FALSE(of.strands);
    EXPECT_EQ(of.no_dag, "no strands were recorded (--mode full does)");
}

TEST_F(profile_runtimes, events_come_by_runtime_and_thread) {
    write_two();
    std::vector<std::tuple<std::uint32_t, std::uint32_t>> order;
    twill::profile::for_each_event(path(), [&](const twill::profile::event& one) {
        if (order.empty() || order.back() != std::tuple(one.runtime, one.thread)) {
            order.emplace_back(one.runtime, one.thread);
        }
    });
    EXPECT_EQ(order, (std::vector<std::tuple<std::uint32_t, std::uint32_t>>{
                         {0, 0}, {0, 1}, {2, 0}, {2, 1}}));
}

// All that was written before has the number of the default runtime in every chunk.
TEST_F(profile_runtimes, are_not_in_files_of_version_2) {
    const stolen_fork one(1'000, 100, 50);
    write({{0, one.victim}, {1, one.thief}});
    std::vector<std::byte> bytes = contents(path());
    bytes[trace::magic.size()] = std::byte{2};
    const profile of = twill::profile::read(bytes, "name");
    EXPECT_EQ(of.version, 2U);
    EXPECT_TRUE(of.notes.empty());
    ASSERT_TRUE(of.strands) << of.no_dag;
    EXPECT_EQ(of.strands->work, 250);
    EXPECT_TRUE(of.runtimes.empty());
}

TEST_F(profile_runtimes, a_missing_chunk_of_one_is_noticed) {
    write_two();
    std::vector<std::byte> bytes = contents(path());
    std::size_t at = trace::prologue_size;
    for (;;) { // to the second chunk of runtime 2's thread 0
        const trace::chunk_header header = trace::chunk_header_at(&bytes[at]);
        const std::size_t size = trace::chunk_header_size + trace::padded(header.size);
        if (header.runtime == 2 && header.thread == 0 && header.sequence == 1) {
            bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                        bytes.begin() + static_cast<std::ptrdiff_t>(at + size));
            break;
        }
        at += size;
    }
    const profile of = twill::profile::read(bytes, "name");
    EXPECT_TRUE(has_note(of.notes, "1 chunks before this one are missing"));
    EXPECT_FALSE(of.strands);
}

} // namespace
