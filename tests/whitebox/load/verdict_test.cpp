// SPDX-License-Identifier: Apache-2.0
#include "load/verdict.hpp"

#include "columns.hpp"

#include <gtest/gtest.h>

namespace {

using std::chrono::milliseconds;
using twill::load_window;
using twill::load_model::lost;
using twill::load_model::lost_time;
using twill::load_model::verdict;
using twill_test::columns;

load_window window(int wall, int in_verbs, int awake, std::initializer_list<columns> workers) {
    load_window made;
    made.wall = milliseconds(wall);
    made.in_verbs = milliseconds(in_verbs);
    made.awake_limit = awake;
    for (const columns& one : workers) {
        twill::worker_load worker = twill_test::worker_of<milliseconds>(one);
        worker.open = milliseconds(wall);
        made.workers.push_back(worker);
    }
    return made;
}

bool says(const load_window& of, const std::string& words) {
    const std::string text = verdict(of);
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
    EXPECT_EQ(text.rfind("verdict: ", 0), 0u) << text;
    if (text.find(words) == std::string::npos) {
        ADD_FAILURE() << "no \"" << words << "\" in: " << text;
        return false;
    }
    return true;
}

TEST(lost_time, adds_up_to_what_is_not_useful) {
    const load_window of =
        window(1000, 700, 2, {{500, 50, 50, 350, 50}, {300, 20, 80, 600, 0}, {0, 0, 0, 1000, 0}});
    const lost_time parts = lost(of);
    EXPECT_EQ(parts.capped, milliseconds(1000));
    EXPECT_EQ(parts.serial, milliseconds(600));
    EXPECT_EQ(parts.starved, milliseconds(350 + 130));
    EXPECT_EQ(parts.dispatch, milliseconds(70));
    EXPECT_EQ(parts.preempted, milliseconds(50));
    EXPECT_EQ(parts.sum(), milliseconds(3000 - 800));
}

TEST(lost_time, has_no_cap_where_none_is_known) {
    const lost_time parts = lost(window(100, 100, 0, {{100, 0, 0, 0, 0}, {0, 0, 0, 100, 0}}));
    EXPECT_EQ(parts.capped, milliseconds(0));
    EXPECT_EQ(parts.starved, milliseconds(100));
}

TEST(verdict, of_a_program_that_ran_no_verb) { EXPECT_TRUE(says({}, "no verb has run")); }

TEST(verdict, of_a_good_program) {
    const load_window of = window(1000, 1000, 2, {{990, 1, 2, 7, 0}, {985, 5, 5, 5, 0}});
    EXPECT_TRUE(says(of, "98.8 % of 2.000 core-seconds"));
    EXPECT_TRUE(says(of, "nothing to gain"));
}

TEST(verdict, of_a_serial_program) {
    const load_window of = window(1000, 200, 2, {{200, 0, 0, 800, 0}, {150, 0, 10, 840, 0}});
    EXPECT_TRUE(says(of, "of 2.000 core-seconds 1.650 (82.5 %) were lost"));
    EXPECT_TRUE(says(of, "(1.650) in the serial part of the program"));
}

TEST(verdict, of_uneven_work) {
    const load_window of = window(1000, 1000, 2, {{1000, 0, 0, 0, 0}, {300, 0, 100, 600, 0}});
    EXPECT_TRUE(says(of, "(0.700) for lack of parallel work"));
    EXPECT_TRUE(says(of, "lower the grain"));
}

TEST(verdict, of_too_little_work) {
    const load_window of = window(1000, 1000, 2, {{600, 0, 100, 300, 0}, {600, 0, 100, 300, 0}});
    EXPECT_TRUE(says(of, "more independent tasks"));
}

TEST(verdict, of_tasks_that_are_too_small) {
    const load_window of = window(1000, 1000, 2, {{500, 450, 50, 0, 0}, {500, 450, 50, 0, 0}});
    EXPECT_TRUE(says(of, "(0.900) in handing tasks from worker to worker"));
}

TEST(verdict, of_a_busy_machine) {
    const load_window of = window(1000, 1000, 2, {{500, 0, 0, 0, 500}, {900, 0, 0, 0, 100}});
    EXPECT_TRUE(says(of, "(0.600) to other threads"));
    EXPECT_TRUE(says(of, "TWILL_WORKERS"));
}

TEST(verdict, of_tasks_that_sleep) {
    load_window of = window(1000, 1000, 2, {{1000, 0, 0, 0, 0}, {1000, 0, 0, 0, 0}});
    of.cpu = milliseconds(1400);
    EXPECT_TRUE(
        says(of, "2.000 (100.0 %) went into tasks, but in 0.600 of these their threads slept:"));
    for (twill::worker_load& one : of.workers) {
        one.preempted.reset();
    }
    EXPECT_TRUE(says(of, "slept, or waited for a core:"));
    of.cpu = milliseconds(1990);
    EXPECT_TRUE(says(of, "nothing to gain"));
}

// What threads use off places is in the kernel's clock and in no column: it hides no sleep.
TEST(verdict, of_tasks_that_sleep_beside_time_off_places) {
    load_window of = window(1000, 1000, 2, {{900, 0, 0, 100, 0}, {900, 0, 0, 100, 0}});
    of.cpu = milliseconds(1780);
    EXPECT_TRUE(says(of, "for lack of parallel work"));
    of.off_places = milliseconds(280);
    EXPECT_TRUE(says(of, "but in 0.300 of these their threads slept:"));
    of.cpu = milliseconds(1800 + 280); // nobody slept
    EXPECT_TRUE(says(of, "for lack of parallel work"));
}

TEST(verdict, of_workers_that_wait_for_a_preempted_one) {
    const load_window of = window(1000, 1000, 2, {{700, 0, 300, 0, 0}, {700, 0, 0, 0, 300}});
    EXPECT_TRUE(says(of, "(0.300) to other threads"));
}

// They are parked by design, and cost nothing.
TEST(verdict, of_workers_beyond_the_cores) {
    const load_window of =
        window(1000, 1000, 1, {{1000, 0, 0, 0, 0}, {0, 0, 0, 1000, 0}, {0, 0, 0, 1000, 0}});
    EXPECT_TRUE(says(of, "100.0 % of 1.000 core-seconds"));
    EXPECT_TRUE(says(of, "nothing to gain"));
}

} // namespace
