// SPDX-License-Identifier: Apache-2.0
#include "columns.hpp"
#include "twill/load.hpp"

#include <gtest/gtest.h>

namespace {

using std::chrono::nanoseconds;
using twill::load_snapshot;
using twill::load_window;
using twill::worker_load;

twill::worker_load worker(int useful, int dispatch, int search, int parked, int preempted) {
    return twill_test::worker_of<nanoseconds>({useful, dispatch, search, parked, preempted});
}

/// Two workers for 1000 ns: S = 900, C = 600.
load_window sample() {
    load_window window;
    window.wall = nanoseconds(1000);
    window.in_verbs = nanoseconds(800);
    window.workers = {worker(600, 100, 100, 150, 50), worker(300, 50, 50, 600, 0)};
    window.cpu = nanoseconds(1250);
    return window;
}

TEST(window, adds_up_to_totals) {
    const load_window window = sample();
    const worker_load total = window.total();
    EXPECT_EQ(total.open, nanoseconds(2000));
    EXPECT_EQ(total.useful, nanoseconds(900));
    EXPECT_EQ(total.dispatch, nanoseconds(150));
    EXPECT_EQ(total.search, nanoseconds(150));
    EXPECT_EQ(total.parked, nanoseconds(750));
    EXPECT_EQ(total.preempted, nanoseconds(50));
    EXPECT_EQ(window.worker_count(), 2);
}

TEST(window, computes_the_metrics_of_the_literature) {
    const load_window window = sample();
    EXPECT_EQ(window.total_load(), nanoseconds(900));
    EXPECT_EQ(window.makespan(), nanoseconds(600));
    EXPECT_EQ(window.mean_load(), nanoseconds(450));
    EXPECT_NEAR(window.imbalance(), 600.0 / 450 - 1, 1e-12);
    EXPECT_DOUBLE_EQ(window.load_balance(), 900.0 / (2 * 600));
    EXPECT_DOUBLE_EQ(window.parallel_efficiency(), 900.0 / 2000);
    EXPECT_DOUBLE_EQ(window.parallel_efficiency(), window.load_balance() * 600 / 1000);
    EXPECT_DOUBLE_EQ(window.utilisation(), 1200.0 / 2000);
    EXPECT_DOUBLE_EQ(window.identity_error(), 0);
    EXPECT_DOUBLE_EQ(window.clock_error().value(), (1200.0 - 1250) / 1250);
}

TEST(window, has_what_threads_were_blocked_in_it) {
    load_snapshot before;
    load_snapshot after;
    before.since_start.threads = {{1, false, 10, nanoseconds(100), 2},
                                  {4, true, 11, nanoseconds(50), 1}};
    after.since_start.threads = {{0, true, 12, nanoseconds(7), 1},
                                 {1, false, 10, nanoseconds(130), 3},
                                 {4, true, 0, nanoseconds(49), 1}};
    const load_window window = after - before;
    ASSERT_EQ(window.threads.size(), 3U);
    EXPECT_EQ(window.threads[0].blocked, nanoseconds(7));
    EXPECT_TRUE(window.threads[0].from_outside);
    EXPECT_EQ(window.threads[1].blocked, nanoseconds(30));
    EXPECT_EQ(window.threads[1].blocks, 1U);
    EXPECT_EQ(window.threads[1].system_id, 10);
    EXPECT_EQ(window.threads[2].blocked, nanoseconds(0)); // never below zero
    EXPECT_EQ(window.threads[2].blocks, 0U);
}

TEST(window, counts_time_above_the_limit_against_the_clock_only) {
    load_window window = sample();
    window.workers[1].over = nanoseconds(75);
    EXPECT_DOUBLE_EQ(window.identity_error(), 0);
    EXPECT_DOUBLE_EQ(window.clock_error().value(), (1275.0 - 1250) / 1250);
    window.off_places = nanoseconds(20);
    EXPECT_DOUBLE_EQ(window.clock_error().value(), (1295.0 - 1250) / 1250);
    window.off_places = {};
    EXPECT_EQ(window.total().over, nanoseconds(75));
}

TEST(window, shows_where_the_identity_does_not_close) {
    load_window window = sample();
    window.workers[0].parked -= nanoseconds(40);
    EXPECT_DOUBLE_EQ(window.identity_error(), 40.0 / 2000);
}

TEST(window, divides_by_nothing) {
    const load_window empty;
    EXPECT_EQ(empty.worker_count(), 0);
    EXPECT_EQ(empty.total_load(), nanoseconds(0));
    EXPECT_EQ(empty.makespan(), nanoseconds(0));
    EXPECT_EQ(empty.mean_load(), nanoseconds(0));
    EXPECT_EQ(empty.imbalance(), 0);
    EXPECT_EQ(empty.load_balance(), 0);
    EXPECT_EQ(empty.parallel_efficiency(), 0);
    EXPECT_EQ(empty.utilisation(), 0);
    EXPECT_EQ(empty.identity_error(), 0);
    EXPECT_FALSE(empty.clock_error());
    load_window idle;
    idle.wall = nanoseconds(100);
    idle.workers = {worker(0, 0, 0, 100, 0)};
    idle.cpu = nanoseconds(0);
    EXPECT_EQ(idle.imbalance(), 0);
    EXPECT_EQ(idle.clock_error(), 0);
}

TEST(window, with_all_on_one_worker_has_the_largest_imbalance) {
    load_window window;
    window.wall = nanoseconds(100);
    window.workers = {worker(100, 0, 0, 0, 0), worker(0, 0, 0, 100, 0), worker(0, 0, 0, 100, 0),
                      worker(0, 0, 0, 100, 0)};
    EXPECT_DOUBLE_EQ(window.imbalance(), 3);
    EXPECT_DOUBLE_EQ(window.load_balance(), 0.25);
}

TEST(window, is_what_happened_between_two_snapshots) {
    load_snapshot before{sample()};
    load_snapshot after{sample()};
    load_window& late = after.since_start;
    late.wall += nanoseconds(500);
    late.in_verbs += nanoseconds(100);
    late.awake_limit = 2;
    late.workers[0] = worker(900, 110, 120, 250, 120);
    late.workers[1] = worker(700, 60, 50, 690, 0);
    late.workers[0].stolen = 7;
    before.since_start.workers[0].stolen = 3;
    late.workers[1].over = nanoseconds(9);
    late.cpu = nanoseconds(2000);
    const load_window window = after - before;
    EXPECT_EQ(window.wall, nanoseconds(500));
    EXPECT_EQ(window.in_verbs, nanoseconds(100));
    EXPECT_EQ(window.awake_limit, 2);
    ASSERT_EQ(window.worker_count(), 2);
    EXPECT_EQ(window.workers[0].useful, nanoseconds(300));
    EXPECT_EQ(window.workers[0].dispatch, nanoseconds(10));
    EXPECT_EQ(window.workers[0].search, nanoseconds(20));
    EXPECT_EQ(window.workers[0].parked, nanoseconds(100));
    EXPECT_EQ(window.workers[0].preempted, nanoseconds(70));
    EXPECT_EQ(window.workers[0].open, nanoseconds(500));
    EXPECT_EQ(window.workers[0].stolen, 4u);
    EXPECT_EQ(window.workers[1].useful, nanoseconds(400));
    EXPECT_EQ(window.workers[1].over, nanoseconds(9));
    EXPECT_EQ(window.cpu, nanoseconds(750));
    EXPECT_EQ(window.identity_error(), 0);
}

TEST(window, starts_with_the_runtime_if_the_first_snapshot_was_before_it) {
    load_snapshot nothing;
    nothing.since_start.cpu = nanoseconds(0);
    const load_window window = load_snapshot{sample()} - nothing;
    EXPECT_EQ(window.wall, nanoseconds(1000));
    EXPECT_EQ(window.worker_count(), 2);
    EXPECT_EQ(window.total_load(), nanoseconds(900));
    EXPECT_EQ(window.cpu, nanoseconds(1250));
}

// A delay of 300 that fell into useful before the first snapshot, and was reported after it.
TEST(window, keeps_its_sum_where_a_late_report_lowers_a_column) {
    load_snapshot before{{}};
    before.since_start.workers = {worker(1000, 0, 0, 0, 0)};
    load_snapshot after{{}};
    after.since_start.workers = {worker(900, 0, 100, 100, 300)};
    after.since_start.wall = nanoseconds(400);
    const load_window window = after - before;
    EXPECT_EQ(window.workers[0].useful, nanoseconds(0));
    EXPECT_EQ(window.workers[0].preempted, nanoseconds(200));
    EXPECT_EQ(window.workers[0].search, nanoseconds(100));
    EXPECT_EQ(window.workers[0].parked, nanoseconds(100));
    EXPECT_EQ(window.identity_error(), 0);
}

TEST(window, does_not_know_what_the_kernel_does_not_tell) {
    load_snapshot before{sample()};
    load_snapshot after{sample()};
    after.since_start.workers[0].preempted.reset();
    after.since_start.cpu.reset();
    const load_window window = after - before;
    EXPECT_FALSE(window.workers[0].preempted);
    EXPECT_TRUE(window.workers[1].preempted);
    EXPECT_FALSE(window.cpu);
    EXPECT_FALSE(window.clock_error());
}

} // namespace
