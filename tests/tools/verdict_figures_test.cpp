// SPDX-License-Identifier: Apache-2.0
#include "verdict/figures.hpp"

#include "profiles.hpp"

#include <gtest/gtest.h>

namespace {

using twill::profile::cause;
using twill::profile::profile;
using twill_test::add_kind;
using twill_test::make_profile;
using twill_test::seconds;

TEST(accounts_of_time, add_up_to_the_capacity) {
    const profile of =
        make_profile(1, 0.7, {{0.5, 0.05, 0.05, 0.05}, {0.3, 0.02, 0.08, 0}, {0, 0, 0, 0}});
    twill::profile::accounts total = of.total;
    total.awake_limit = 2;
    const auto where = twill::profile::where_time_went(total);
    EXPECT_EQ(where.capacity, seconds(3));
    EXPECT_EQ(where.useful + where.dispatch + where.starved + where.serial + where.capped +
                  where.preempted,
              where.capacity);
    EXPECT_EQ(where.capped, seconds(1));
    EXPECT_EQ(where.serial, seconds(0.6));
    EXPECT_EQ(where.starved, seconds(0.35 + 0.6 - 0.6 + 0.13));
}

TEST(time_text, has_three_digits) {
    using twill::profile::time_text;
    EXPECT_EQ(time_text(0), "0 ns");
    EXPECT_EQ(time_text(48), "48 ns");
    EXPECT_EQ(time_text(48.25), "48.2 ns");
    EXPECT_EQ(time_text(999.7), "1.00 us");
    EXPECT_EQ(time_text(1234), "1.23 us");
    EXPECT_EQ(time_text(350e6), "350 ms");
    EXPECT_EQ(time_text(1.27e9), "1.27 s");
    EXPECT_EQ(time_text(4321e9), "4321 s");
}

TEST(verdict, names_the_kind_whose_tasks_slept) {
    profile of = make_profile(1, 1, {{1, 0, 0, 0}, {1, 0, 0, 0}});
    of.total.cpu = seconds(1.4);
    add_kind(of, "fetch", 100, 0.7 / 100);
    add_kind(of, "compute", 1000, 1.3 / 1000);
    of.kinds[0].asleep = seconds(0.56);
    of.kinds[1].asleep = seconds(0.02);
    const auto made = twill::profile::judge(of);
    EXPECT_EQ(made.findings.front().what, cause::blocking);
    EXPECT_EQ(made.findings.front().subject, "fetch");
    EXPECT_NEAR(made.findings.front().gain, 0.3, 0.01);
    of.kinds[0].asleep = of.kinds[1].asleep;
    EXPECT_EQ(twill::profile::judge(of).findings.front().subject, "");
}

TEST(verdict, is_no_serial_section_where_others_keep_workers_off_their_cores) {
    // One of two is useful on average, but none has nothing to do.
    profile of = make_profile(1, 1, {{0.5, 0, 0, 0.5}, {0.5, 0, 0, 0.5}});
    add_kind(of, "cell", 1000, 1.0 / 1000);
    EXPECT_EQ(twill::profile::judge(of).findings.front().what, cause::preemption);
}

TEST(verdict, of_fine_tasks_goes_by_the_time_outside_of_kinds) {
    // The clock shows 45 of the 53 ns that a task works, and 38 outside of tasks: they cost 30.
    const double tasks = 4e6;
    const double wall = tasks * 83e-9 / 2;
    profile of = make_profile(wall, wall, {{wall, 0, 0, 0}, {wall, 0, 0, 0}});
    of.task_takes = 13;
    of.clock_ahead = 8;
    add_kind(of, std::string(twill::profile::unnamed_kind), 0, 0);
    for (auto& part : of.kinds[0].workers) {
        part.total = seconds(tasks * 38e-9 / 2);
    }
    add_kind(of, "visit", tasks, 45e-9);
    const auto main = twill::profile::judge(of).findings.front();
    EXPECT_EQ(main.what, cause::fine_tasks);
    EXPECT_EQ(main.subject, "visit");
    EXPECT_NEAR(main.gain, 30.0 / 83, 1e-6);
    EXPECT_NE(main.formula.find(" x 30"), std::string::npos) << main.formula;
    // Whatever else there is outside of kinds, a task costs no more than four times the price.
    of.task_takes = 2;
    EXPECT_NEAR(twill::profile::judge(of).findings.front().gain, 8.0 / 83, 1e-6);
}

} // namespace
