// SPDX-License-Identifier: Apache-2.0
// Work and span of DAGs that are worked out by hand. A tick is a nanosecond.
#include "dags.hpp"

namespace {

using namespace twill::profile::testing;
using twill::profile::dag;
using twill::profile::profile;
using twill::trace::event_type;
using twill::trace::root_why;

TEST_F(profile_dag, one_fork_on_one_thread) {
    thread_events one;
    one.useful(1'000);
    one.link(1'000, event_type::root_begin, guest, {});
    one.at(1'005, event_type::fork);     // 5 before
    one.at(1'025, event_type::join_own); // 20
    one.at(1'055, event_type::sync);     // 30
    one.at(1'062, event_type::root_end); // 7 after
    const dag result = of({{4, one}}, 100);
    EXPECT_EQ(result.work, 62);
    EXPECT_EQ(result.span, 5 + 30 + 7);
    EXPECT_EQ(result.burdened, 5 + 30 + 7 + 100);
    EXPECT_EQ(result.strands, 4U);
    EXPECT_EQ(result.longest_strand, 30);
    EXPECT_FALSE(result.upper_bound);
    // 5 and 7 below 8; 20 and 30 below 32.
    EXPECT_EQ(result.strand_lengths.upper, (std::vector<std::int64_t>{1, 2, 4, 8, 16, 32}));
    EXPECT_EQ(result.strand_lengths.count, (std::vector<std::uint64_t>{0, 0, 0, 2, 0, 2}));
    EXPECT_EQ(last.events, 6U);
}

TEST_F(profile_dag, two_roots_of_a_guest_are_one_after_the_other) {
    thread_events one;
    std::uint64_t now = 0;
    for (int k = 0; k < 2; ++k) {
        one.useful(now);
        one.link(now, event_type::root_begin, guest, {});
        one.at(now += 10, event_type::fork);
        one.at(now += 20, event_type::join_own);
        one.at(now += 30, event_type::sync);
        one.at(now += 1, event_type::root_end);
        one.at(now, event_type::leave_place, 0);
        now += 1'000; // serial, of nobody's account
    }
    const dag result = of({{0, one}});
    EXPECT_EQ(result.work, 122);
    EXPECT_EQ(result.span, 82);
}

// The second branch runs on thread 1 while thread 0 runs the first and waits.
TEST_F(profile_dag, a_stolen_branch) {
    thread_events one;
    one.useful(0);
    one.link(0, event_type::root_begin, guest, {});
    one.at(10, event_type::fork);
    one.at(60, event_type::blocked); // 50 of the first branch
    one.useful(60, false);
    one.useful(200);
    one.link(202, event_type::join_stolen, 0, {1, 9}); // 2 more of it
    one.at(203, event_type::sync);                     // 1 of the strand after
    one.at(207, event_type::root_end);                 // 4 more
    thread_events two;
    two.at(20, event_type::steal, 0);
    two.useful(30);
    two.link(30, event_type::root_begin, stolen, {0, 9});
    two.at(35, event_type::fork);      // 5
    two.at(75, event_type::join_own);  // 40
    two.at(175, event_type::sync);     // 100
    two.at(190, event_type::root_end); // 15
    two.useful(190, false);
    const dag result = of({{0, one}, {1, two}}, 1'000);
    EXPECT_EQ(result.work, 10 + 52 + 5 + 160);
    EXPECT_EQ(result.span, 10 + (5 + 100 + 15) + 5);
    EXPECT_EQ(result.burdened, 10 + (5 + 100 + 15) + 5 + 2'000);
    EXPECT_EQ(result.strands, 1 + 1 + 4 + 1U);
    EXPECT_EQ(result.longest_strand, 100);
}

// Thread 1 steals from 0, 0 leapfrogs from 1 while it waits, and that is joined on 1.
TEST_F(profile_dag, a_leapfrogged_branch_is_joined_where_it_was_forked) {
    thread_events one;
    one.useful(0);
    one.link(0, event_type::root_begin, guest, {});
    one.at(1, event_type::fork);
    one.at(11, event_type::leapfrog, 1); // 10 of the first branch
    one.link(11, event_type::root_begin, leapfrogged, {1, 5});
    one.at(81, event_type::root_end); // 70
    one.useful(81, false);
    one.useful(300);
    one.link(300, event_type::join_stolen, 0, {1, 4});
    one.at(300, event_type::sync);
    one.at(302, event_type::root_end);
    thread_events two;
    two.useful(2);
    two.link(2, event_type::root_begin, stolen, {0, 4});
    two.at(5, event_type::fork);
    two.useful(25, false); // 20 of its first branch
    two.useful(90);
    two.link(90, event_type::join_stolen, 0, {0, 5});
    two.at(90, event_type::sync);
    two.at(96, event_type::root_end);
    const dag result = of({{0, one}, {1, two}});
    EXPECT_EQ(result.work, 1 + 10 + 70 + 2 + 3 + 20 + 6);
    EXPECT_EQ(result.span, 1 + (3 + 70 + 6) + 2);
}

TEST_F(profile_dag, a_loop_is_as_long_as_its_longest_block) {
    thread_events one;
    one.useful(0);
    one.link(0, event_type::root_begin, guest, {});
    one.at(3, event_type::loop_begin);
    one.at(13, event_type::block);    // 10
    one.at(53, event_type::block);    // 40
    one.at(73, event_type::loop_end); // 20
    one.at(74, event_type::root_end);
    const dag result = of({{0, one}}, 100);
    EXPECT_EQ(result.work, 74);
    EXPECT_EQ(result.span, 3 + 40 + 1);
    EXPECT_EQ(result.burdened, 3 + 40 + 1 + 2 * 100); // three blocks are two forks deep
    EXPECT_EQ(result.strands, 5U);
}

TEST_F(profile_dag, a_stolen_rest_of_a_loop_has_blocks_of_its_own) {
    thread_events one;
    one.useful(0);
    one.link(0, event_type::root_begin, guest, {});
    one.at(0, event_type::loop_begin);
    one.at(10, event_type::block);
    one.useful(22, false); // 12
    one.useful(400);
    one.link(400, event_type::loop_stolen, 0, {7, 1});
    one.at(400, event_type::loop_end);
    one.at(405, event_type::root_end);
    thread_events two;
    two.useful(1);
    two.link(1, event_type::root_begin, stolen, {0, 1});
    two.at(16, event_type::block); // 15
    two.at(20, event_type::fork);  // a fork in a block: 4
    two.at(50, event_type::join_own);
    two.at(110, event_type::sync);     // 60 is longer than 30
    two.at(111, event_type::block);    // 1
    two.at(131, event_type::root_end); // 20
    const dag result = of({{0, one}, {7, two}}, 10);
    EXPECT_EQ(result.work, 10 + 12 + 5 + 130);
    EXPECT_EQ(result.span, (4 + 60 + 1) + 5);
    EXPECT_EQ(result.burdened, (4 + 60 + 1) + 5 + 10 + 3 * 10); // 5 blocks
}

TEST_F(profile_dag, submissions_are_beside_each_other) {
    std::map<std::uint32_t, thread_events> threads;
    for (std::uint32_t k = 0; k < 3; ++k) {
        threads[k].useful(0);
        threads[k].link(0, event_type::root_begin, submitted, {k, 1});
        threads[k].at(10 * (k + 1), event_type::root_end);
        threads[k].useful(10 * (k + 1), false);
        threads[k].useful(100);
        threads[k].link(100, event_type::root_begin, submitted, {k, 2});
        threads[k].at(105, event_type::root_end);
        threads[k].useful(105, false);
    }
    const dag result = of(threads);
    EXPECT_EQ(result.span, 30);
    EXPECT_EQ(result.strands, 6U);
    EXPECT_EQ(result.work, 10 + 20 + 30 + 3 * 5);
}

// A guest spawns two tasks and waits. One runs on a worker, one on the guest itself.
TEST_F(profile_dag, a_group_is_bounded_from_above) {
    thread_events one;
    one.useful(0);
    one.link(0, event_type::root_begin, guest, {});
    one.at(10, event_type::spawn, 77);
    one.at(30, event_type::spawn, 77);
    one.at(35, event_type::wait_begin, 77);
    one.at(40, event_type::task_begin, 77);
    one.at(60, event_type::task_end, 77);
    one.useful(60, false);
    one.useful(500);
    one.at(500, event_type::wait_end, 77);
    one.at(509, event_type::root_end);
    thread_events two;
    two.useful(32);
    two.link(32, event_type::root_begin, of_group, {0, 1});
    two.at(32, event_type::task_begin, 77);
    two.at(132, event_type::task_end, 77);
    two.at(132, event_type::root_end);
    two.useful(132, false);
    const dag result = of({{0, one}, {1, two}}, 1'000);
    EXPECT_TRUE(result.upper_bound);
    EXPECT_EQ(result.work, 35 + 5 + 20 + 9 + 100);
    // The deepest spawn, at 30, and the longest task; then 9.
    EXPECT_EQ(result.span, 30 + 100 + 9);
    EXPECT_EQ(result.burdened, 30 + 100 + 9 + 1'000);
}

// A task spawns the next of the same group: a chain, of which each task begins after its spawn.
TEST_F(profile_dag, tasks_that_spawn_are_as_deep_as_their_chain) {
    thread_events one;
    one.useful(0);
    one.link(0, event_type::root_begin, guest, {});
    one.at(5, event_type::spawn, 1);
    one.at(6, event_type::wait_begin, 1);
    one.useful(6, false);
    one.useful(300);
    one.at(300, event_type::wait_end, 1);
    one.at(301, event_type::root_end);
    std::map<std::uint32_t, thread_events> threads{{0, one}};
    for (std::uint32_t k = 1; k <= 3; ++k) {
        const std::uint64_t begin = 10 + 50 * k;
        threads[k].useful(begin);
        threads[k].at(begin, event_type::task_begin, 1);
        if (k < 3) {
            threads[k].at(begin + 30, event_type::spawn, 1);
        }
        threads[k].at(begin + 40, event_type::task_end, 1);
        threads[k].useful(begin + 40, false);
    }
    const dag result = of(threads);
    EXPECT_EQ(result.work, 6 + 1 + 3 * 40);
    EXPECT_EQ(result.span, 5 + 30 + 30 + 40 + 1);
}

TEST_F(profile_dag, long_gaps_are_time_events) {
    thread_events one;
    const std::uint64_t gap = std::uint64_t{1} << 40;
    one.useful(1);
    one.link(1, event_type::root_begin, guest, {});
    one.at(1 + gap, event_type::fork);
    one.at(2 + gap, event_type::join_own);
    one.at(2 + 3 * gap, event_type::sync);
    one.at(2 + 3 * gap, event_type::root_end);
    const dag result = of({{0, one}});
    EXPECT_EQ(result.work, static_cast<std::int64_t>(1 + 3 * gap));
    EXPECT_EQ(result.span, static_cast<std::int64_t>(3 * gap));
    EXPECT_EQ(last.events, 6U);
}

TEST_F(profile_dag, what_began_before_the_recording_is_left_out_with_a_note) {
    thread_events one;
    one.useful(0);
    one.at(10, event_type::join_own);
    one.at(30, event_type::sync);
    one.link(31, event_type::join_stolen, 0, {3, 3});
    one.link(40, event_type::root_begin, guest, {});
    one.at(50, event_type::fork); // and goes on
    one.at(55, event_type::kind_begin, 1);
    const dag result = of({{0, one}});
    EXPECT_EQ(result.work, 55);
    EXPECT_EQ(result.span, 55);
    EXPECT_TRUE(has_note(last.notes, "began before the recording"));
    EXPECT_TRUE(has_note(last.notes, "2 tasks, forks or loops went on"));
}

TEST_F(profile_dag, says_why_there_is_none) {
    EXPECT_EQ(why_none({}), "no strands were recorded (--mode full does)");

    thread_events one;
    one.useful(0);
    one.link(1, event_type::root_begin, guest, {});
    one.at(2, event_type::sync);
    EXPECT_EQ(why_none({{0, one}}), "work and span cannot be computed: a sync without its join");

    thread_events a;
    thread_events b;
    a.link(0, event_type::root_begin, stolen, {1, 1});
    a.at(1, event_type::fork);
    a.link(2, event_type::join_stolen, 0, {1, 1});
    b.link(0, event_type::root_begin, stolen, {0, 1});
    b.at(1, event_type::fork);
    b.link(2, event_type::join_stolen, 0, {0, 1});
    EXPECT_EQ(why_none({{0, a}, {1, b}}),
              "work and span cannot be computed: joins wait for each other in a circle");
}

TEST_F(profile_dag, dropped_events_leave_none) {
    thread_events one;
    one.useful(0);
    one.at(5, event_type::fork);
    twill::trace::file_writer writer;
    ASSERT_TRUE(writer.open(path().c_str(), plain_header()));
    one.write(writer, 0, 1);
    ASSERT_TRUE(writer.write_events(0, 9, {}, 3));
    ASSERT_TRUE(writer.finish({}));
    const profile result = twill::profile::read(path());
    EXPECT_FALSE(result.strands);
    EXPECT_EQ(result.no_dag, "3 events were dropped");
    EXPECT_EQ(result.dropped, 3U);
    EXPECT_TRUE(result.complete);
}

} // namespace
