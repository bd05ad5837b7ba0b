// SPDX-License-Identifier: Apache-2.0
// What run delay leaves of work and span, of DAGs that are worked out by hand. A tick is a
// nanosecond.
#include "dags.hpp"

namespace {

using namespace twill::profile::testing;
using twill::profile::dag;
using twill::trace::event_type;

// A fork as in the first test, whose thread has lost its core in the second branch, and by little
// in the strand after, which is told at the next one.
TEST_F(profile_dag, run_delay_leaves_the_strands_that_it_fell_into) {
    thread_events one;
    one.delay(990, 0);
    one.useful(1'000);
    one.link(1'000, event_type::root_begin, guest, {});
    one.at(1'005, event_type::fork);     // 5
    one.at(1'025, event_type::join_own); // 20
    one.delay(2'055, 1'000);
    one.at(2'055, event_type::sync);     // 30
    one.at(2'063, event_type::root_end); // 8
    one.useful(2'063, false);
    one.delay(2'070, 3);
    one.useful(2'080);
    one.link(2'080, event_type::root_begin, guest, {});
    one.at(2'090, event_type::root_end); // 10, and 3 of the strand before
    const dag result = of({{4, one}}, 100);
    EXPECT_EQ(result.work, 5 + 20 + 30 + 8 + 10 - 3);
    EXPECT_EQ(result.span, 5 + 30 + 8 + 10 - 3);
    EXPECT_EQ(result.burdened, result.span + 100);
    EXPECT_EQ(result.longest_strand, 30);
    EXPECT_EQ(result.strands, 5U);
    EXPECT_EQ(result.delay, 1'003);
    EXPECT_TRUE(last.notes.empty());
}

// A delay that is told while the thread waits, or searches, is one of the useful time before.
TEST_F(profile_dag, run_delay_may_be_told_when_the_useful_time_is_over) {
    thread_events one;
    one.delay(0, 0);
    one.useful(0);
    one.link(0, event_type::root_begin, guest, {});
    one.at(10, event_type::fork);
    one.at(860, event_type::blocked);
    one.useful(860, false);
    one.delay(861, 800); // of the first branch
    one.useful(900);
    one.link(900, event_type::join_stolen, 0, {1, 9});
    one.at(901, event_type::sync);
    one.at(905, event_type::root_end);
    thread_events two;
    two.delay(20, 0);
    two.useful(30);
    two.link(30, event_type::root_begin, stolen, {0, 9});
    two.at(130, event_type::root_end);
    const dag result = of({{0, one}, {1, two}});
    EXPECT_EQ(result.work, 10 + 50 + 5 + 100);
    EXPECT_EQ(result.span, 10 + 100 + 5);
    EXPECT_EQ(result.delay, 800);
}

TEST_F(profile_dag, says_how_much_delay_no_strand_had_the_time_for) {
    thread_events one;
    one.delay(0, 0);
    one.useful(0);
    one.link(0, event_type::root_begin, guest, {});
    one.at(1'000, event_type::root_end);
    one.delay(1'000, 500'000'000);
    one.delay(1'001, twill::trace::largest_wide); // whatever a broken file tells
    one.at(1'001, event_type::leave_place, 0);
    const dag result = of({{0, one}});
    EXPECT_EQ(result.work, 1'000);
    EXPECT_EQ(result.delay, 1);
    EXPECT_TRUE(has_note(last.notes, "ms of run delay were told after the strands"));
}

TEST_F(profile_dag, strands_contain_run_delay_where_a_thread_does_not_tell_it) {
    thread_events tells;
    tells.delay(0, 0);
    tells.useful(0);
    tells.link(0, event_type::root_begin, guest, {});
    tells.at(50, event_type::root_end);
    thread_events idle; // without a strand: nothing to tell
    idle.useful(0, false);
    idle.at(10, event_type::park);
    EXPECT_EQ(of({{0, tells}, {1, idle}}).delay, 0);
    thread_events silent;
    silent.useful(0);
    silent.link(0, event_type::root_begin, submitted, {});
    silent.at(70, event_type::root_end);
    const dag result = of({{0, tells}, {1, silent}});
    EXPECT_EQ(result.work, 120);
    EXPECT_FALSE(result.delay);
}

} // namespace
