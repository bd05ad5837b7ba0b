// SPDX-License-Identifier: Apache-2.0
#include "sched/core_speeds.hpp"

#include "sched/two_nodes.hpp"
#include "support/eventually.hpp"
#include "twill/numa_vector.hpp"
#include "twill/parallel_for.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace {

using namespace twill::sched; // NOLINT(google-build-using-namespace)
namespace detail = twill::detail;
using twill::load_model::counter;
using twill::testing_support::eventually;
using twill::testing_support::halves;
using twill::testing_support::two_nodes;
using twill::topology::core_kind;

constexpr std::uint64_t least_ticks = 1000;
constexpr std::uint32_t whole = core_weights::whole;
constexpr auto fast = core_kind::performance;
constexpr auto slow = core_kind::efficient;

/// A loop in which efficient cores ran at `speed` of the others'.
work_by_kind loop_at(double speed) {
    return {{8000, 80'000}, {4000, static_cast<std::uint64_t>(40'000 / speed)}};
}

TEST(core_speeds, are_equal_until_two_kinds_have_run_enough) {
    core_speeds speeds(least_ticks);
    const work_by_kind enough = loop_at(0.5);
    for (const core_work& little : {core_work{}, core_work{core_speeds::least_elements - 1, 80'000},
                                    core_work{8000, least_ticks - 1}}) {
        speeds.count({little, enough.efficient});
        speeds.count({enough.performance, little});
        EXPECT_EQ(speeds.weights().performance, whole);
        EXPECT_EQ(speeds.weights().efficient, whole);
    }
    speeds.count(enough);
    EXPECT_EQ(speeds.weights().performance, whole);
    EXPECT_EQ(speeds.weights().efficient, whole / 2);
}

TEST(core_speeds, follow_what_is_measured_and_forget_the_first_loop) {
    core_speeds speeds(least_ticks);
    speeds.count(loop_at(1.5));
    EXPECT_EQ(speeds.weights().efficient, whole); // the fastest
    EXPECT_NEAR(speeds.weights().performance, whole / 1.5, 2);
    for (int k = 0; k < 100; ++k) {
        speeds.count(loop_at(0.4));
    }
    EXPECT_EQ(speeds.weights().performance, whole);
    EXPECT_NEAR(speeds.weights().efficient, 0.4 * whole, 0.4 * whole / core_speeds::allowance);
}

TEST(core_speeds, are_bounded_whatever_is_measured) {
    for (const double speed : {1e-9, 0.01, 100.0, 3e4}) {
        core_speeds speeds(least_ticks);
        for (int k = 0; k < 100; ++k) {
            speeds.count({{1'000'000, 1'000'000},
                          {speed < 1 ? 1000u : 1'000'000'000u,
                           static_cast<std::uint64_t>((speed < 1 ? 1000 : 1e9) / speed)}});
        }
        const core_weights now = speeds.weights();
        EXPECT_EQ(now.performance, speed < 1 ? whole : whole / core_speeds::slowest);
        EXPECT_EQ(now.efficient, speed < 1 ? whole / core_speeds::slowest : whole);
    }
}

TEST(core_speeds, stay_as_they_are_as_long_as_loops_differ_little) {
    core_speeds speeds(least_ticks);
    speeds.count(loop_at(0.5));
    for (int k = 0; k < 100; ++k) {
        speeds.count(loop_at(k % 2 == 0 ? 0.47 : 0.53));
        EXPECT_EQ(speeds.weights().efficient, whole / 2);
    }
    // One in which a thread did not run for long, either way.
    for (const double odd : {0.001, 50.0}) {
        core_speeds one(least_ticks);
        one.count(loop_at(0.5));
        one.count(loop_at(odd));
        EXPECT_NEAR(one.weights().efficient, whole / 2, whole / 2 / core_speeds::averaged);
    }
}

TEST(core_speeds, are_counted_by_several_threads) {
    core_speeds speeds(least_ticks);
    std::vector<std::thread> threads;
    for (const double speed : {0.3, 0.4}) {
        threads.emplace_back([&speeds, speed] {
            for (int k = 0; k < 20'000; ++k) {
                speeds.count(loop_at(speed));
                EXPECT_LE(speeds.weights().efficient, whole / 2);
            }
        });
    }
    for (std::thread& one : threads) {
        one.join();
    }
    EXPECT_GT(speeds.weights().efficient, 0.25 * whole);
}

/// A loop whose elements take eight times as long on odd places, or on those from one on.
void run_loop(int slow_from = 0) {
    constexpr int count = 4000;
    const halves where(count);
    std::atomic<int> ran = 0;
    twill::parallel_for(
        0, count,
        [&ran, slow_from](int) {
            const int place = detail::hot().place;
            const int times = (slow_from > 0 ? place >= slow_from : place % 2 == 1) ? 8 : 1;
            for (int k = 0; k < 20 * times; ++k) {
                detail::pause();
            }
            ran.fetch_add(1, std::memory_order_relaxed);
        },
        twill::near(where));
    ASSERT_EQ(ran, count);
}

core_weights weights_of(const scheduler& of) { return of.known_nodes.get()->speeds.weights(); }

/// Two parts on a node go to places `first` to `last`: each gets a post, but for the launcher's.
void expect_posts(scheduler& owner, int node, int first, int last) {
    const int own = detail::hot().place; // until the loop ends: it waits for others
    const std::uint64_t before = counted(owner, counter::posted);
    twill::parallel_for(0, 2, [](int) {}, twill::at(node));
    const int launcher = first <= own && own <= last ? 1 : 0;
    EXPECT_EQ(counted(owner, counter::posted) - before,
              static_cast<std::uint64_t>(last - first + 1 - launcher));
}

TEST(core_speeds, say_which_places_have_parts_of_a_loop) {
    two_nodes machine({fast, slow, fast, slow});
    const visit guest(machine.owner());
    expect_posts(machine.owner(), 0, 0, 1);
    expect_posts(machine.owner(), 1, 2, 3);
    constexpr std::uint64_t many = std::uint64_t{1} << 40;
    machine.owner().known_nodes.get()->speeds.count({{many, many}, {many, 100 * many}});
    expect_posts(machine.owner(), 0, 0, 0);
    expect_posts(machine.owner(), 1, 2, 2);
}

TEST(core_speeds, count_on_a_single_node_too) {
    two_nodes machine({fast, fast, slow, slow}, {0, 0, 0, 0});
    const visit guest(machine.owner());
    expect_posts(machine.owner(), 0, 0, 1); // two parts for four places
    EXPECT_TRUE(eventually([&] {
        run_loop(2);
        return weights_of(machine.owner()).efficient <= whole / 2;
    }));
    EXPECT_EQ(twill::numa_vector<int>(100'000).placed().of->count, 1u);
}

TEST(core_speeds, of_placed_loops_are_measured_as_they_run) {
    two_nodes machine({fast, slow, fast, slow});
    const visit guest(machine.owner());
    EXPECT_EQ(weights_of(machine.owner()).efficient, whole);
    // Who runs a loop, and for how long it is kept from its CPU, is up to the machine.
    EXPECT_TRUE(eventually([&] {
        run_loop();
        return weights_of(machine.owner()).efficient <= whole / 2;
    }));
    EXPECT_EQ(weights_of(machine.owner()).performance, whole);
}

TEST(core_speeds, are_not_measured_where_cores_are_of_one_kind) {
    two_nodes machine;
    const visit guest(machine.owner());
    for (int round = 0; round < 20; ++round) {
        run_loop();
    }
    EXPECT_EQ(weights_of(machine.owner()).efficient, whole);
    EXPECT_EQ(weights_of(machine.owner()).performance, whole);
}

} // namespace
