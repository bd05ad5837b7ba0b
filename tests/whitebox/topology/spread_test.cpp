// SPDX-License-Identifier: Apache-2.0
#include "topology/spread.hpp"

#include "topology/machines.hpp"

#include <initializer_list>

namespace {

using twill::testing_support::listed_table;
using twill::testing_support::spread_of;
using twill::testing_support::spread_result;
using twill::testing_support::spread_rule;
using twill::topology::table_row;

constexpr auto rules = {spread_rule::uniform, spread_rule::level, spread_rule::nearest};

TEST(spread, one_worker_takes_the_time_of_all_strands) {
    const spread_result alone = spread_of(listed_table("one_core").rows, spread_rule::level, 6, 1);
    EXPECT_EQ(alone.strands, 127);
    EXPECT_EQ(alone.makespan, 127 * 5);
    EXPECT_EQ(alone.ideal, 127 * 5);
    EXPECT_EQ(alone.steals, 0);
}

TEST(spread, every_strand_runs_once_and_no_schedule_beats_the_ideal) {
    for (const char* machine : {"one_l3", "sub_numa", "hybrid", "memoryless", "cores_64"}) {
        const std::vector<table_row> rows = listed_table(machine).rows;
        for (const spread_rule rule : rules) {
            const spread_result one = spread_of(rows, rule, 11, 2);
            EXPECT_EQ(one.strands, 4095);
            EXPECT_GE(one.makespan, one.ideal) << machine;
            EXPECT_GE(one.steals, static_cast<std::int64_t>(rows.size()) - 1);
        }
    }
}

TEST(spread, is_the_same_each_time) {
    const std::vector<table_row> rows = listed_table("cores_64").rows;
    const spread_result first = spread_of(rows, spread_rule::level, 11, 3);
    const spread_result again = spread_of(rows, spread_rule::level, 11, 3);
    EXPECT_EQ(first.makespan, again.makespan);
    EXPECT_EQ(first.steals, again.steals);
    EXPECT_EQ(first.words, again.words);
    EXPECT_NE(spread_of(rows, spread_rule::level, 11, 4).words, first.words);
}

// 64 strands a worker, 256 workers in 8 nodes.
TEST(spread, of_a_tree_over_eight_nodes_is_within_15_percent_of_the_ideal) {
    const std::vector<table_row> rows = listed_table("cores_256").rows;
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        const spread_result by_level = spread_of(rows, spread_rule::level, 13, seed);
        const spread_result uniform = spread_of(rows, spread_rule::uniform, 13, seed);
        EXPECT_LE(by_level.makespan, 1.15 * by_level.ideal);
        EXPECT_LT(static_cast<double>(by_level.far_steals) / static_cast<double>(by_level.steals),
                  static_cast<double>(uniform.far_steals) / static_cast<double>(uniform.steals));
    }
}

// 15 strands a worker are over before the spreading is paid for; runtime/topology/README.md tells.
TEST(spread, of_a_short_tree_is_behind_by_what_the_spreading_takes) {
    const std::vector<table_row> rows = listed_table("cores_256").rows;
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        const spread_result one = spread_of(rows, spread_rule::level, 11, seed);
        EXPECT_GT(one.makespan, 1.15 * one.ideal);
        EXPECT_LE(one.makespan - one.ideal, 40);
    }
}

} // namespace
