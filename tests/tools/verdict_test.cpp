// SPDX-License-Identifier: Apache-2.0
// Each program is planted on paper: its wall time with the problem and after the fix follow from
// its parameters, and the predicted gain is held against them.
#include "verdict/verdict.hpp"

#include "profiles.hpp"
#include "verdict/figures.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace {

using twill::profile::cause;
using twill::profile::finding;
using twill::profile::judge;
using twill::profile::profile;
using twill::profile::verdict;
using twill_test::add_kind;
using twill_test::add_region;
using twill_test::columns;
using twill_test::make_profile;
using twill_test::seconds;

constexpr int machines[] = {2, 3, 4, 8};
constexpr double tolerance = 0.03;

std::vector<columns> same(int workers, const columns& all) {
    return std::vector<columns>(static_cast<std::size_t>(workers), all);
}

const finding& main_of(const verdict& of) { return of.findings.front(); }

bool names_the(cause what, const std::string& subject, double before, double after,
               const profile& of) {
    const verdict made = judge(of);
    const finding& main = main_of(made);
    EXPECT_EQ(name_of(main.what), name_of(what)) << main.seen;
    EXPECT_EQ(main.subject, subject) << main.seen;
    EXPECT_NEAR(main.gain, 1 - after / before, tolerance) << main.formula;
    EXPECT_FALSE(main.seen.empty() || main.change.empty() || main.formula.empty());
    return main.what == what && main.subject == subject;
}

TEST(verdict, of_a_serial_region_between_verbs) {
    for (const int m : machines) {
        for (const double serial : {0.2, 0.4, 0.7}) {
            const double parallel = 1 - serial;
            profile of = make_profile(1, parallel, same(m, {parallel, 0, 0, 0}));
            add_region(of, "load", 5, serial, 0, {});
            add_region(of, "solve", 5, parallel, parallel, {parallel * m, 0, 0, 0});
            names_the(cause::serial_section, "load", 1, parallel + serial / m, of);
        }
    }
}

TEST(verdict, of_a_serial_region_inside_a_task) {
    for (const int m : machines) {
        const double serial = 0.4;
        const double parallel = 0.6;
        std::vector<columns> workers = same(m, {parallel, 0, 0.1, 0});
        workers[0] = {1, 0, 0, 0};
        profile of = make_profile(1, 1, workers);
        add_region(of, "round", 5, 1, 1, {1 + (m - 1) * parallel, 0, (m - 1) * 0.1, 0});
        add_region(of, "round/order", 5, serial, serial, {serial, 0, (m - 1) * 0.1, 0});
        add_region(of, "round/merge", 5, parallel, parallel, {parallel * m, 0, 0, 0});
        names_the(cause::serial_section, "round/order", 1, parallel + serial / m, of);
        // A full record has the serial code as a long strand: that is the same loss, not another.
        of.strands.emplace();
        of.strands->work = seconds(1 + (m - 1) * parallel);
        of.strands->strands = 100000;
        of.strands->longest_strand = seconds(serial / 5);
        of.strands->span = seconds(serial);
        of.strands->strand_lengths.upper = {1000, seconds(serial)};
        of.strands->strand_lengths.count = {99995, 5};
        names_the(cause::serial_section, "round/order", 1, parallel + serial / m, of);
    }
}

TEST(verdict, of_serial_code_without_a_region) {
    const profile of = make_profile(1, 0.5, same(4, {0.5, 0, 0, 0}));
    names_the(cause::serial_section, "", 1, 0.5 + 0.5 / 4, of);
    EXPECT_NE(main_of(judge(of)).change.find("twill::region"), std::string::npos);
}

TEST(verdict, of_serial_regions_inside_a_serial_region) {
    const int m = 4;
    profile of = make_profile(1, 0.7, same(m, {0.7, 0, 0, 0}));
    add_region(of, "setup", 1, 0.3, 0, {});
    for (const char* const name : {"setup/a", "setup/b", "setup/c"}) {
        add_region(of, name, 1, 0.1, 0, {});
    }
    // None of the three alone, but what is around them.
    names_the(cause::serial_section, "setup", 1, 0.7 + 0.3 / m, of);
    EXPECT_EQ(judge(of).findings.size(), 1u);
    // One of them has nearly all: then it is that one.
    of.regions[1].wall = seconds(0.26);
    of.regions[2].wall = of.regions[3].wall = seconds(0.02);
    names_the(cause::serial_section, "setup/a", 1, 0.74 + 0.26 / m, of);
    // Names that begin alike are not inside each other.
    of.regions[1].name = "setup2";
    of.regions[0].wall = seconds(0.04);
    names_the(cause::serial_section, "setup2", 1, 0.74 + 0.26 / m, of);
}

TEST(verdict, of_a_region_of_which_half_is_serial) {
    const int m = 4;
    profile of = make_profile(1, 0.6, same(m, {0.6, 0, 0, 0}));
    add_region(of, "both", 1, 1, 0.6, {0.6 * m, 0, 0, 0});
    names_the(cause::serial_section, "both", 1, 0.6 + 0.4 / m, of);
}

TEST(verdict, of_one_huge_task) {
    for (const int m : machines) {
        for (const double against_rest : {0.5, 1.0, 1.6}) {
            const double rest = 1;
            const double huge = rest * against_rest;
            const double wall = rest / m + huge;
            std::vector<columns> workers = same(m, {rest / m, 0, 0.001, 0});
            workers[0] = {wall, 0, 0, 0};
            profile of = make_profile(wall, wall, workers);
            add_kind(of, "small", 2000, rest / 2000);
            add_kind(of, "decode", 1, huge);
            names_the(cause::huge_task, "decode", wall, (rest + huge) / m, of);
            // The same with the huge one among the others of its kind.
            of.kinds.pop_back();
            of.kinds[0].workers[0].count += 1;
            of.kinds[0].workers[0].total += seconds(huge);
            of.kinds[0].longest = seconds(huge);
            names_the(cause::huge_task, "small", wall, (rest + huge) / m, of);
            // And without kinds, by the strands of a full record.
            of.kinds.clear();
            of.strands.emplace();
            of.strands->work = seconds(rest + huge);
            of.strands->strands = 2001;
            of.strands->longest_strand = seconds(huge);
            names_the(cause::huge_task, "", wall, (rest + huge) / m, of);
        }
    }
}

TEST(verdict, of_a_task_around_all_others) {
    // The root of a recursion is in its kind: its duration has all others in it, and is no work.
    const int m = 4;
    profile of = make_profile(1, 1, same(m, {0.98, 0, 0.02, 0}));
    add_kind(of, "node", 100000, 0.98 * m / 100000, 1);
    names_the(cause::nothing, "", 1, 1, of);
    // With starvation, the record of the strands tells that it is none of one piece.
    of = make_profile(1, 1, same(m, {0.6, 0, 0.1, 0}));
    add_kind(of, "node", 100000, 0.6 * m / 100000, 1);
    of.strands.emplace();
    of.strands->work = seconds(0.6 * m);
    of.strands->span = seconds(0.9);
    of.strands->strands = 300000;
    of.strands->longest_strand = 100'000;
    of.strands->strand_lengths.upper = {20'000, 200'000};
    of.strands->strand_lengths.count = {299'990, 10};
    names_the(cause::too_little_parallelism, "", 1, 0.6, of);
    EXPECT_NE(main_of(judge(of)).seen.find("parallelism of 2.67"), std::string::npos)
        << main_of(judge(of)).seen;
}

TEST(verdict, of_tasks_too_fine) {
    for (const int m : machines) {
        for (const double body : {35e-9, 50e-9, 70e-9}) {
            const double tasks = 4e6;
            const double price = 50e-9;
            const double wall = tasks * (body + price) / m;
            profile of = make_profile(wall, wall, same(m, {wall, 0, 0, 0}));
            add_kind(of, "visit", tasks, body);
            add_kind(of, "other", 10, 1e-6);
            names_the(cause::fine_tasks, "visit", wall, tasks * body / m, of);
            // A counter of all tasks comes before the sum of the kinds.
            of.kinds.clear();
            of.counts = {"steals", "tasks"};
            for (auto& one : of.total.workers) {
                one.counts = {7, static_cast<std::uint64_t>(tasks / m)};
            }
            names_the(cause::fine_tasks, "", wall, tasks * body / m, of);
        }
    }
}

TEST(verdict, of_one_producer_that_cannot_feed_all) {
    // It makes a task in 50 ns, so the others, with 50 ns of work each, mostly wait.
    const int m = 8;
    const double tasks = 4e6;
    const double wall = tasks * 50e-9;
    std::vector<columns> workers = same(m, {tasks * 50e-9 / (m - 1), 0, 0, 0});
    workers[0] = {wall, 0, 0, 0};
    profile of = make_profile(wall, wall, workers);
    add_kind(of, "visit", tasks, 50e-9);
    names_the(cause::fine_tasks, "visit", wall, tasks * 50e-9 / m, of);
}

TEST(verdict, of_dispatch_by_all_is_no_serial_section) {
    // One of two is useful on average, but neither has nothing to do.
    const profile of = make_profile(1, 1, same(2, {0.5, 0.5, 0, 0}));
    names_the(cause::fine_tasks, "", 1, 0.5, of);
}

TEST(verdict, of_dispatch_without_a_count_of_tasks) {
    const profile of = make_profile(1, 1, same(4, {0.7, 0.3, 0, 0}));
    names_the(cause::fine_tasks, "", 1, 0.7, of);
}

TEST(verdict, of_blocking_calls) {
    for (const int m : machines) {
        for (const double share : {0.25, 0.5, 0.7}) {
            profile of = make_profile(1, 1, same(m, {1, 0, 0, 0}));
            of.total.cpu = seconds(m * (1 - share));
            add_kind(of, "fetch", 200, m * (share + (1 - share) * 0.4) / 200);
            add_kind(of, "compute", 1000, m * (1 - share) * 0.6 / 1000);
            names_the(cause::blocking, "fetch", 1, 1 - share, of);
            // Waking each other takes CPU time that no column has, and hides no sleep.
            of.total.off_places = seconds(m * share / 2);
            of.total.cpu = *of.total.cpu + of.total.off_places;
            names_the(cause::blocking, "fetch", 1, 1 - share, of);
        }
    }
}

TEST(verdict, of_a_process_on_one_core) {
    for (const int m : machines) {
        for (const double taken : {0.3, 0.5}) {
            // One worker has a core for 1 - taken of the time; the others take over its tasks.
            const double load = m - taken;
            std::vector<columns> workers = same(m, {1, 0, 0, 0});
            workers.back() = {1 - taken, 0, 0, taken};
            profile of = make_profile(1, 1, workers);
            add_kind(of, "piece", 10000, load / 10000);
            if (taken / m < twill::profile::least_gain) {
                EXPECT_EQ(main_of(judge(of)).what, cause::nothing);
                continue;
            }
            names_the(cause::preemption, "", 1, load / m, of);
            EXPECT_NE(main_of(judge(of)).seen.find("worker " + std::to_string(m - 1)),
                      std::string::npos);
        }
    }
}

TEST(verdict, of_workers_that_wait_for_a_preempted_one) {
    // Both the core and the wait for its task come back when the other process ends.
    profile of = make_profile(1, 1, {{0.85, 0, 0.15, 0}, {0.7, 0, 0, 0.3}});
    add_kind(of, "piece", 1000, 1.55 / 1000);
    names_the(cause::preemption, "", 1, 1.55 / 2, of);
}

TEST(verdict, of_healthy_programs) {
    for (const int m : machines) {
        profile of = make_profile(1, 0.99, same(m, {0.96, 0.005, 0.015, 0.005}));
        add_kind(of, "body", 20000, 0.96 * m / 20000);
        add_region(of, "loop", 10, 0.98, 0.98, {0.96 * m, 0.005 * m, 0.01 * m, 0.005 * m});
        names_the(cause::nothing, "", 1, 1, of);
    }
}

TEST(verdict, of_workers_beyond_the_cores_that_are_never_awake) {
    std::vector<columns> workers = same(8, {});
    workers[2] = workers[5] = {0.98, 0, 0.02, 0};
    profile of = make_profile(1, 1, workers);
    of.total.awake_limit = 2;
    of.cores = 2;
    names_the(cause::nothing, "", 1, 1, of);
    EXPECT_EQ(judge(of).accounts.capped, seconds(6));
}

TEST(verdict, of_more_workers_than_cores) {
    // Eight on two cores that are always busy, a tenth of it with looking for work.
    profile of = make_profile(1, 1, same(8, {0.225, 0, 0.025, 0.75}));
    of.cores = 2;
    names_the(cause::too_many_workers, "cores", 1, 0.9, of);
}

TEST(verdict, of_a_quota_below_the_workers) {
    profile of = make_profile(1, 1, same(2, {0.75, 0, 0, 0.25}));
    of.cores = 4;
    of.quota = 1.5;
    names_the(cause::too_many_workers, "quota", 1, 0.75, of);
}

TEST(verdict, of_too_few_tasks) {
    // Five tasks on four workers: one works for a second round.
    profile of = make_profile(2, 2, {{2, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}});
    add_kind(of, "block", 5, 1);
    names_the(cause::coarse_tasks, "block", 2, 2 - 3 * (1 - 1.0 / 8) / 4, of);
}

TEST(verdict, of_tasks_that_stay_where_they_are) {
    profile of = make_profile(1, 1, {{1, 0, 0, 0}, {0.5, 0, 0, 0}, {0.5, 0, 0, 0}, {0.5, 0, 0, 0}});
    add_kind(of, "cell", 100000, 2.5 / 100000);
    of.kinds[0].workers[0].total = seconds(1);
    for (std::size_t k = 1; k < 4; ++k) {
        of.kinds[0].workers[k].total = seconds(0.5);
    }
    names_the(cause::imbalance, "cell", 1, 2.5 / 4, of);
}

TEST(verdict, of_starvation_in_a_region) {
    const int m = 4;
    profile of = make_profile(1, 1, same(m, {0.6, 0, 0.1, 0}));
    add_region(of, "pipeline", 1, 0.6, 0.6, {0.25 * m, 0, 0.1 * m, 0});
    add_region(of, "rest", 1, 0.4, 0.4, {0.35 * m, 0, 0, 0});
    names_the(cause::too_little_parallelism, "pipeline", 1, 0.6, of);
    EXPECT_NE(main_of(judge(of)).seen.find("--mode full"), std::string::npos);
}

TEST(verdict, of_work_inflation_against_a_base) {
    const profile base = make_profile(3, 3, {{3, 0, 0, 0}});
    profile of = make_profile(1, 1, same(4, {1, 0, 0, 0}));
    add_kind(of, "stream", 1000, 4.0 / 1000);
    profile base_with_kind = base;
    add_kind(base_with_kind, "stream", 1000, 3.0 / 1000);
    const verdict made = judge(of, &base_with_kind);
    EXPECT_EQ(main_of(made).what, cause::work_inflation);
    EXPECT_EQ(main_of(made).subject, "stream");
    EXPECT_NEAR(main_of(made).gain, 0.25, 1e-6);
    EXPECT_EQ(main_of(judge(of)).what, cause::nothing);
    EXPECT_EQ(main_of(judge(base, &of)).what, cause::nothing);
}

TEST(verdict, orders_several_causes_by_what_they_give) {
    const int m = 4;
    profile of = make_profile(1, 0.7, same(m, {0.7, 0, 0, 0}));
    of.total.cpu = seconds(0.7 * m - 0.6);
    add_region(of, "load", 1, 0.3, 0, {});
    const verdict made = judge(of);
    ASSERT_GE(made.findings.size(), 2u);
    EXPECT_EQ(made.findings[0].what, cause::serial_section);
    EXPECT_EQ(made.findings[1].what, cause::blocking);
    EXPECT_TRUE(
        std::is_sorted(made.findings.begin(), made.findings.end(),
                       [](const auto& one, const auto& other) { return one.gain > other.gain; }));
}

TEST(verdict, gives_no_starvation_twice) {
    // A huge task, fine tasks, preemption and tasks in few places at the same time.
    const int m = 4;
    std::vector<columns> workers = same(m, {0.3, 0.02, 0.1, 0.1});
    workers[0] = {0.9, 0.02, 0, 0.08};
    profile of = make_profile(1, 1, workers);
    add_kind(of, "small", 4e6, 60e-9);
    add_kind(of, "huge", 1, 0.5);
    add_kind(of, "cell", 1000, 0.8 / 1000);
    of.kinds.back().workers[0].total = seconds(0.7);
    twill::profile::nanoseconds sum = 0;
    const verdict made = judge(of);
    for (const finding& one : made.findings) {
        sum += one.starved;
        EXPECT_GE(one.gain, 0);
        EXPECT_LT(one.gain, 1);
    }
    EXPECT_GT(sum, 0);
    EXPECT_LE(sum, made.accounts.starved);
}

TEST(verdict, of_windows_that_overlap) {
    // A region in every task of eight workers: its windows add up to more than the wall time.
    const int m = 8;
    profile of = make_profile(1, 1, same(m, {1, 0, 0, 0}));
    add_region(of, "in_task", 8, 8, 8, {64, 0, 0, 0});
    names_the(cause::nothing, "", 1, 1, of);
    add_region(of, "wait", 100, 30, 0, {});
    EXPECT_LE(main_of(judge(of)).gain, 1 - 1.0 / m);
}

TEST(verdict, of_profiles_that_say_little) {
    const verdict empty = judge(profile{});
    EXPECT_EQ(main_of(empty).what, cause::nothing);
    EXPECT_NE(one_line(empty).find("no verb has run"), std::string::npos);
    profile of = make_profile(1, 1, {{1, 0, 0, 0}});
    EXPECT_EQ(main_of(judge(of)).what, cause::nothing);
    // Without the kernel's run delay sleep and waiting for a core look the same, and it says so.
    of = make_profile(1, 1, same(2, {1, 0, 0, 0}));
    of.total.cpu = seconds(1.2);
    for (auto& one : of.total.workers) {
        one.preempted.reset();
    }
    EXPECT_EQ(main_of(judge(of)).what, cause::blocking);
    EXPECT_NE(main_of(judge(of)).seen.find("the kernel does not tell"), std::string::npos);
    of.total.cpu.reset();
    EXPECT_EQ(main_of(judge(of)).what, cause::nothing);
}

TEST(verdict, shows_names_that_a_terminal_would_obey) {
    profile of = make_profile(1, 0.5, same(4, {0.5, 0, 0, 0}));
    add_region(of, "\x1b[31mred\n", 1, 0.5, 0, {});
    const verdict made = judge(of);
    EXPECT_EQ(main_of(made).subject, "\x1b[31mred\n");
    EXPECT_EQ(one_line(made).find_first_of("\x1b\n"), std::string::npos);
    EXPECT_NE(one_line(made).find("\\x1b[31mred\\x0a"), std::string::npos);
}

} // namespace
