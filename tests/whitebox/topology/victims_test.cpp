// SPDX-License-Identifier: Apache-2.0
#include "topology/victims.hpp"

#include "topology/machines.hpp"
#include "topology/worker_bits.hpp"

#include <cmath>
#include <set>

namespace {

using twill::testing_support::listed_machines;
using twill::testing_support::listed_table;
using twill::testing_support::numbers;
using twill::testing_support::worker_bits;
using twill::topology::level;
using twill::topology::level_weights;
using twill::topology::levels;
using twill::topology::table_row;
using twill::topology::victim_policy;
using twill::topology::victim_rule;

constexpr int draws = 1'000'000;

victim_policy policy_of(const std::string& machine, victim_rule rule = victim_rule::level) {
    return {listed_table(machine).rows, rule};
}

/// How often each worker is drawn.
std::vector<int> counts_of(const victim_policy& policy, int thief, const worker_bits& eligible,
                           std::uint64_t seed) {
    std::vector<int> counts(static_cast<std::size_t>(policy.workers()));
    numbers random(seed);
    for (int k = 0; k < draws; ++k) {
        const int victim = policy.draw(thief, eligible, random);
        if (victim < 0 || victim == thief || !eligible.has(victim)) {
            ADD_FAILURE() << thief << " drew " << victim;
            return counts;
        }
        ++counts[static_cast<std::size_t>(victim)];
    }
    return counts;
}

/// Pearson's statistic of counts that are to be alike is within five standard deviations of its
/// mean: one in 100000 such tests would fail by chance, and the numbers are the same each time.
void expect_alike(const std::vector<int>& counts) {
    double total = 0;
    for (const int count : counts) {
        total += count;
        EXPECT_GT(count, 0);
    }
    const double mean = total / static_cast<double>(counts.size());
    double statistic = 0;
    for (const int count : counts) {
        statistic += (count - mean) * (count - mean) / mean;
    }
    const auto freedom = static_cast<double>(counts.size() - 1);
    EXPECT_LE(statistic, freedom + 5 * std::sqrt(2 * freedom) + 5) << counts.size() << " victims";
}

/// By level: weights over those that hold somebody, and within a level all alike.
void expect_levels(const victim_policy& policy, int thief, const worker_bits& eligible,
                   std::uint64_t seed) {
    const std::vector<int> counts = counts_of(policy, thief, eligible, seed);
    std::vector<int> by_level[levels];
    double total = 0;
    for (int victim = 0; victim < policy.workers(); ++victim) {
        if (victim != thief && eligible.has(victim)) {
            by_level[static_cast<int>(policy.between(thief, victim))].push_back(
                counts[static_cast<std::size_t>(victim)]);
        }
    }
    for (int k = 0; k < levels; ++k) {
        total += by_level[k].empty() ? 0 : level_weights[static_cast<std::size_t>(k)];
    }
    for (int k = 0; k < levels; ++k) {
        if (by_level[k].empty()) {
            continue;
        }
        double drawn = 0;
        for (const int count : by_level[k]) {
            drawn += count;
        }
        EXPECT_NEAR(drawn / draws, level_weights[static_cast<std::size_t>(k)] / total, 0.01)
            << "level " << k;
        expect_alike(by_level[k]);
    }
}

TEST(victims, levels_are_what_the_columns_say) {
    for (const auto& [name, value] : listed_machines()) {
        SCOPED_TRACE(name);
        const std::vector<table_row> rows = listed_table(name).rows;
        const victim_policy policy(rows, victim_rule::level);
        std::set<std::pair<int, std::uint64_t>> bits;
        for (int thief = 0; thief < policy.workers(); ++thief) {
            bits.insert({policy.word_of(thief), policy.bit_of(thief)});
            int counted[levels]{};
            for (int victim = 0; victim < policy.workers(); ++victim) {
                if (victim == thief) {
                    continue;
                }
                const table_row& one = rows[static_cast<std::size_t>(thief)];
                const table_row& other = rows[static_cast<std::size_t>(victim)];
                const bool node = one.node == other.node;
                const bool cache = one.l3 == other.l3 && (one.l3 >= 0 || node);
                const int distance = 2 - (node ? 1 : 0) - (cache ? 1 : 0);
                EXPECT_EQ(static_cast<int>(policy.between(thief, victim)), distance)
                    << thief << ' ' << victim;
                ++counted[distance];
            }
            for (int k = 0; k < levels; ++k) {
                EXPECT_EQ(policy.count(thief, static_cast<level>(k)), counted[k]);
            }
        }
        EXPECT_EQ(bits.size(), rows.size());
    }
}

TEST(victims, levels_of_some_machines) {
    const auto counts = [](const char* machine, int thief) {
        const victim_policy policy = policy_of(machine);
        return std::array{policy.count(thief, level::near), policy.count(thief, level::middle),
                          policy.count(thief, level::far)};
    };
    EXPECT_EQ(counts("one_core", 0), (std::array{0, 0, 0}));
    EXPECT_EQ(counts("one_l3", 3), (std::array{7, 0, 0}));
    EXPECT_EQ(counts("two_nodes", 3), (std::array{15, 0, 16}));
    EXPECT_EQ(counts("four_nodes", 63), (std::array{7, 8, 48}));
    EXPECT_EQ(counts("no_l3", 0), (std::array{7, 0, 8}));
    // The cache is around the nodes: the other node below it is nearer than the other package.
    EXPECT_EQ(counts("sub_numa", 0), (std::array{11, 12, 24}));
    EXPECT_EQ(counts("memoryless", 4), (std::array{3, 8, 4}));
    EXPECT_EQ(counts("hybrid", 0), (std::array{15, 2, 0}));
    EXPECT_EQ(counts("cores_1024", 0), (std::array{15, 48, 960}));
}

TEST(victims, seventy_twenty_four_six_over_a_million_draws) {
    for (const auto& [machine, value] : listed_machines()) {
        SCOPED_TRACE(machine);
        const victim_policy policy = policy_of(machine);
        if (policy.workers() == 1) {
            continue; // who has no victim
        }
        worker_bits all(policy);
        all.set_all();
        expect_levels(policy, 0, all, 1);
        expect_levels(policy, policy.workers() - 1, all, 2);
    }
}

TEST(victims, every_victim_is_drawn_of_1024) {
    const victim_policy policy = policy_of("cores_1024");
    worker_bits all(policy);
    all.set_all();
    expect_levels(policy, 517, all, 3); // some 60 draws for each of the 960 farthest
}

TEST(victims, levels_that_do_not_exist_or_hold_nobody_leave_their_share_to_the_others) {
    const victim_policy two = policy_of("two_nodes"); // no middle
    worker_bits everybody(two);
    everybody.set_all();
    expect_levels(two, 20, everybody, 4);
    const victim_policy policy = policy_of("cores_256");
    for (int empty = 0; empty < levels; ++empty) {
        for (int other = empty; other < levels; ++other) {
            worker_bits some(policy);
            some.set(100); // the thief's own bit is no victim
            for (int victim = 0; victim < policy.workers(); ++victim) {
                const int at = static_cast<int>(policy.between(100, victim));
                if (victim != 100 && at != empty && at != other) {
                    some.set(victim);
                }
            }
            expect_levels(policy, 100, some, 5);
        }
    }
}

TEST(victims, alike_within_a_level_though_words_hold_unequal_numbers) {
    const victim_policy policy = policy_of("cores_256");
    worker_bits some(policy);
    numbers random(6);
    for (int victim = 0; victim < policy.workers(); ++victim) {
        // Groups of 8: the k-th keeps about k/32 of them.
        if (static_cast<int>(random() % 32) < victim / 8) {
            some.set(victim);
        }
    }
    some.set(2);
    expect_levels(policy, 0, some, 7);
    expect_levels(policy, 255, some, 8);
}

TEST(victims, uniform_knows_no_levels) {
    for (const char* machine : {"cores_256", "one_l3", "hybrid"}) {
        SCOPED_TRACE(machine);
        const victim_policy policy = policy_of(machine, victim_rule::uniform);
        worker_bits some(policy);
        for (int victim = 0; victim < policy.workers(); ++victim) {
            if (victim % 7 != 2 || victim < 40) {
                some.set(victim);
            }
        }
        std::vector<int> drawn;
        const std::vector<int> counts = counts_of(policy, 1, some, 9);
        for (int victim = 0; victim < policy.workers(); ++victim) {
            if (victim != 1 && some.has(victim)) {
                drawn.push_back(counts[static_cast<std::size_t>(victim)]);
            }
        }
        expect_alike(drawn);
    }
}

TEST(victims, nobody_where_nobody_is_eligible) {
    numbers random(10);
    for (const auto& [name, value] : listed_machines()) {
        for (const victim_rule rule : {victim_rule::uniform, victim_rule::level}) {
            const victim_policy policy(listed_table(name).rows, rule);
            worker_bits eligible(policy);
            EXPECT_EQ(policy.draw(0, eligible, random), victim_policy::nobody) << name;
            eligible.set(0);
            EXPECT_EQ(policy.draw(0, eligible, random), victim_policy::nobody) << name;
            for (int k = 0; k < levels; ++k) {
                EXPECT_EQ(policy.draw_on(static_cast<level>(k), 0, eligible, random),
                          victim_policy::nobody);
            }
        }
    }
}

/// Words read in a draw, on average, by workers that find `eligible`.
double words_of_a_draw(const victim_policy& policy, const worker_bits& eligible) {
    numbers random(11);
    constexpr int tries = 20'000;
    const std::uint64_t before = eligible.words_read();
    for (int k = 0; k < tries; ++k) {
        const int thief = static_cast<int>(random() % static_cast<unsigned>(policy.workers()));
        if (!eligible.has(thief) || policy.workers() > 2) {
            static_cast<void>(policy.draw(thief, eligible, random));
        }
    }
    return static_cast<double>(eligible.words_read() - before) / tries;
}

TEST(victims, a_draw_reads_as_many_words_with_2_workers_as_with_1024) {
    for (const victim_rule rule : {victim_rule::uniform, victim_rule::level}) {
        const std::vector<table_row> rows = listed_table("cores_1024").rows;
        const victim_policy few({rows.data(), 2}, rule);
        const victim_policy many(rows, rule);
        worker_bits one_of_few(few);
        one_of_few.set(1);
        numbers random(12);
        for (int k = 0; k < 100; ++k) {
            EXPECT_EQ(few.draw(0, one_of_few, random), 1);
        }
        EXPECT_EQ(one_of_few.words_read(), 200U);
        for (const int holder : {1, 20, 1000}) {
            worker_bits one_of_many(many);
            one_of_many.set(holder);
            for (int k = 0; k < 100; ++k) {
                EXPECT_EQ(many.draw(0, one_of_many, random), holder);
            }
            EXPECT_EQ(one_of_many.words_read(), 200U) << holder;
        }
        worker_bits all(many);
        all.set_all();
        EXPECT_LE(words_of_a_draw(many, all), 2.5);
        // Of 64 groups each holds one in 16: the worst that there is, and a level bounds it.
        worker_bits sparse(many);
        for (int worker = 0; worker < many.workers(); worker += 16) {
            sparse.set(worker);
        }
        EXPECT_LE(words_of_a_draw(many, sparse), 2.0 + 2 * many.words());
    }
}

TEST(victims, workers_may_share_a_processor) {
    std::vector<table_row> rows(200, table_row{.pu = 0, .l3 = 0, .node = 0});
    const victim_policy policy(rows, victim_rule::level);
    EXPECT_EQ(policy.words(), 4);
    worker_bits all(policy);
    all.set_all();
    expect_levels(policy, 130, all, 13);
}

} // namespace
