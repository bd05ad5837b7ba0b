// SPDX-License-Identifier: Apache-2.0
#include "topology/placed_spread.hpp"

#include "topology/machines.hpp"

namespace {

using twill::sched::core_speeds;
using twill::sched::core_weights;
using twill::testing_support::disturbance;
using twill::testing_support::listed_table;
using twill::testing_support::loop_over;
using twill::testing_support::loop_result;
using twill::testing_support::loop_rule;
using twill::topology::table_row;

constexpr std::size_t elements = 8192; // a worker's, which take 0.8 ms

double local_share(const loop_result& one) {
    return static_cast<double>(one.local) / static_cast<double>(one.elements);
}

class placed_spread : public testing::TestWithParam<const char*> {};

TEST_P(placed_spread, runs_all_but_five_percent_where_the_data_lies) {
    const std::vector<table_row> rows = listed_table(GetParam()).rows;
    for (const double uneven : {0.0, 0.5}) {
        for (std::uint64_t seed = 1; seed <= 3; ++seed) {
            const loop_result placed =
                loop_over(rows, loop_rule::placed, elements, seed, {-1, 0, uneven});
            EXPECT_GE(local_share(placed), 0.95) << "uneven " << uneven;
            EXPECT_LE(placed.makespan, 1.2 * placed.ideal);
            EXPECT_GE(placed.makespan, placed.ideal);
            EXPECT_GT(placed.own_posts, 0);
            const loop_result plain =
                loop_over(rows, loop_rule::plain, elements, seed, {-1, 0, uneven});
            EXPECT_LT(local_share(plain), local_share(placed));
        }
    }
}

TEST_P(placed_spread, takes_over_the_work_of_a_node_that_stands_or_is_slow) {
    const std::vector<table_row> rows = listed_table(GetParam()).rows;
    for (const double speed : {0.0, 0.1}) {
        for (std::uint64_t seed = 1; seed <= 3; ++seed) {
            const loop_result one =
                loop_over(rows, loop_rule::placed, elements, seed, {1, speed, 0});
            EXPECT_LE(one.makespan, 1.2 * one.ideal) << "speed " << speed;
            EXPECT_GE(one.makespan, one.ideal);
        }
    }
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
        const loop_result first =
            loop_over(rows, loop_rule::placed, elements, 1, by, {}, &measured);
        EXPECT_LT(home_share(first), 0.8); // equal shares
        EXPECT_EQ(first.ran_on, loop_over(rows, loop_rule::placed, elements, 1, by).ran_on);
        loop_result before = loop_over(rows, loop_rule::placed, elements, 2, by, {}, &measured);
        for (std::uint64_t seed = 3; seed < 10; ++seed) {
            loop_result now = loop_over(rows, loop_rule::placed, elements, seed, by, {}, &measured);
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
            EXPECT_EQ(loop_over(rows, loop_rule::placed, elements, seed, {}, {}, &measured).ran_on,
                      loop_over(rows, loop_rule::placed, elements, seed).ran_on)
                << machine;
        }
    }
}

TEST(placed_spread_driver, is_the_same_each_time_and_runs_all_on_every_machine) {
    for (const char* machine :
         {"one_l3", "four_nodes", "sub_numa", "memoryless", "hybrid", "hybrid_nodes"}) {
        const std::vector<table_row> rows = listed_table(machine).rows;
        for (const loop_rule rule : {loop_rule::placed, loop_rule::plain}) {
            const disturbance uneven{-1, 0, 0.5};
            const loop_result first = loop_over(rows, rule, 2000, 7, uneven);
            const loop_result again = loop_over(rows, rule, 2000, 7, uneven);
            EXPECT_EQ(first.makespan, again.makespan) << machine;
            EXPECT_EQ(first.local, again.local);
            EXPECT_GE(first.makespan, first.ideal);
            EXPECT_EQ(first.elements, static_cast<std::int64_t>(2000 * rows.size()));
        }
    }
}

} // namespace
