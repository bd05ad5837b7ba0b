// SPDX-License-Identifier: Apache-2.0
#include "topology/placed_spread.hpp"

#include "topology/machines.hpp"

#include <algorithm>

namespace {

using twill::sched::core_speeds;
using twill::sched::core_weights;
using twill::testing_support::at_first;
using twill::testing_support::disturbance;
using twill::testing_support::listed_table;
using twill::testing_support::loop_over;
using twill::testing_support::loop_result;
using twill::testing_support::loop_rule;
using twill::testing_support::loop_run;
using twill::testing_support::spread_rule;
using twill::topology::table_row;

double local_share(const loop_result& one) {
    return static_cast<double>(one.local) / static_cast<double>(one.elements);
}

class placed_spread : public testing::TestWithParam<const char*> {};

TEST_P(placed_spread, runs_all_but_five_percent_where_the_data_lies) {
    const std::vector<table_row> rows = listed_table(GetParam()).rows;
    for (const double uneven : {0.0, 0.5}) {
        for (std::uint64_t seed = 1; seed <= 3; ++seed) {
            const loop_result placed = loop_over(rows, {.seed = seed}, {-1, 0, uneven});
            EXPECT_GE(local_share(placed), 0.95) << "uneven " << uneven;
            EXPECT_LE(placed.makespan, 1.2 * placed.ideal);
            EXPECT_GE(placed.makespan, placed.ideal);
            EXPECT_GT(placed.own_posts, 0);
            const loop_result plain =
                loop_over(rows, {.loop = loop_rule::plain, .seed = seed}, {-1, 0, uneven});
            EXPECT_LT(local_share(plain), local_share(placed));
        }
    }
}

TEST_P(placed_spread, takes_over_the_work_of_a_node_that_stands_or_is_slow) {
    const std::vector<table_row> rows = listed_table(GetParam()).rows;
    for (const double speed : {0.0, 0.1}) {
        for (std::uint64_t seed = 1; seed <= 3; ++seed) {
            const loop_result one = loop_over(rows, {.seed = seed}, {1, speed, 0});
            EXPECT_LE(one.makespan, 1.2 * one.ideal) << "speed " << speed;
            EXPECT_GE(one.makespan, one.ideal);
        }
    }
}

TEST_P(placed_spread, levels_cost_no_time_and_read_less_than_uniform_draws) {
    const std::vector<table_row> rows = listed_table(GetParam()).rows;
    for (const loop_rule loop : {loop_rule::placed, loop_rule::plain}) {
        const loop_result level = loop_over(rows, {.loop = loop});
        const auto words = [](const loop_result& one) {
            return static_cast<double>(one.words) / static_cast<double>(one.looks);
        };
        for (const spread_rule rule : {spread_rule::uniform, spread_rule::nearest}) {
            const loop_result other = loop_over(rows, {.loop = loop, .victims = rule});
            EXPECT_LE(level.makespan, 1.03 * other.makespan);
            EXPECT_LE(words(level), 1.5 * words(other));
        }
    }
}

// The launcher wakes one, who finds its post and wakes the next, and so on: the nearest that
// sleeps, so all of the launcher's node come before any of another.
TEST_P(placed_spread, wakes_those_that_sleep_the_nearest_first) {
    const std::vector<table_row> rows = listed_table(GetParam()).rows;
    const loop_result one = loop_over(rows, {.others = at_first::asleep});
    ASSERT_GT(one.woken.size(), rows.size() / 4);
    std::vector<int> once = one.woken;
    std::ranges::sort(once);
    EXPECT_EQ(std::ranges::adjacent_find(once), once.end());
    const auto on_first_node = static_cast<std::size_t>(std::ranges::count_if(
        rows, [&](const table_row& row) { return row.node == rows.front().node; }));
    for (std::size_t k = 0; k < on_first_node - 1; ++k) {
        EXPECT_EQ(rows[static_cast<std::size_t>(one.woken[k])].node, rows.front().node) << k;
    }
    EXPECT_GT(one.makespan, one.ideal);
    EXPECT_GT(one.own_posts, 0);
}

INSTANTIATE_TEST_SUITE_P(machines, placed_spread,
                         testing::Values("cores_64", "cores_256", "cores_1024"),
                         [](const auto& one) { return std::string(one.param); });

constexpr std::uint64_t least_ns = 50'000;

double home_share(const loop_result& one) {
    return static_cast<double>(one.at_home) / static_cast<double>(one.elements);
}

TEST(placed_spread_of_kinds, runs_elements_at_home_once_speeds_have_been_measured) {
    const std::vector<table_row> rows = listed_table("hybrid_nodes").rows;
    for (const double speed : {0.5, 0.3}) {
        const disturbance by{-1, 0, 0.5, speed};
        core_speeds measured(least_ns);
        const loop_result first = loop_over(rows, {}, by, &measured);
        EXPECT_LT(home_share(first), 0.8); // equal shares
        EXPECT_EQ(first.ran_on, loop_over(rows, {}, by).ran_on);
        loop_result before = loop_over(rows, {.seed = 2}, by, &measured);
        for (std::uint64_t seed = 3; seed < 10; ++seed) {
            loop_result now = loop_over(rows, {.seed = seed}, by, &measured);
            EXPECT_GT(home_share(now), 0.9);
            EXPECT_LE(now.makespan, 1.1 * now.ideal);
            std::size_t same = 0;
            for (std::size_t k = 0; k < now.ran_on.size(); ++k) {
                same += now.ran_on[k] == before.ran_on[k] ? 1 : 0;
            }
            EXPECT_GT(static_cast<double>(same), 0.9 * static_cast<double>(now.elements));
            before = std::move(now);
        }
        EXPECT_EQ(measured.weights().performance, core_weights::whole);
        EXPECT_NEAR(measured.weights().efficient, speed * core_weights::whole,
                    core_weights::whole / 16);
    }
}

TEST(placed_spread_of_kinds, is_as_without_where_cores_are_of_one_kind_or_equally_fast) {
    for (const char* machine : {"hybrid_nodes", "cores_64"}) {
        const std::vector<table_row> rows = listed_table(machine).rows;
        core_speeds measured(least_ns);
        for (std::uint64_t seed = 1; seed <= 3; ++seed) {
            EXPECT_EQ(loop_over(rows, {.seed = seed}, {}, &measured).ran_on,
                      loop_over(rows, {.seed = seed}).ran_on)
                << machine;
        }
    }
}

TEST(placed_spread_driver, is_the_same_each_time_and_runs_all_on_every_machine) {
    for (const char* machine :
         {"one_l3", "four_nodes", "sub_numa", "memoryless", "hybrid", "hybrid_nodes"}) {
        const std::vector<table_row> rows = listed_table(machine).rows;
        for (const loop_rule loop : {loop_rule::placed, loop_rule::plain}) {
            for (const at_first others : {at_first::awake, at_first::asleep}) {
                const loop_run how{loop, spread_rule::level, others, 2000, 7};
                const disturbance uneven{-1, 0, 0.5};
                const loop_result first = loop_over(rows, how, uneven);
                const loop_result again = loop_over(rows, how, uneven);
                EXPECT_EQ(first.makespan, again.makespan) << machine;
                EXPECT_EQ(first.local, again.local);
                EXPECT_EQ(first.words, again.words);
                EXPECT_GE(first.makespan, first.ideal);
                EXPECT_EQ(first.elements, static_cast<std::int64_t>(2000 * rows.size()));
            }
        }
    }
}

} // namespace
