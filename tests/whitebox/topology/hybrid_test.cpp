// SPDX-License-Identifier: Apache-2.0
// Machines with performance and efficient cores: who is woken first, whose place is taken first,
// and loops that are shared out by speed on a single node too.
#include "sched/access.hpp"
#include "sched/lifetime.hpp"
#include "support/child.hpp"
#include "support/eventually.hpp"
#include "topology/described.hpp"
#include "topology/machines.hpp"
#include "topology/pinning.hpp"
#include "twill/numa_vector.hpp"
#include "twill/worker.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <numeric>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace twill::sched; // NOLINT(google-build-using-namespace)
namespace topology = twill::topology;
using topology::core_kind;
using topology::level;
using topology::table_row;
using twill::testing_support::describe;
using twill::testing_support::eventually;
using twill::testing_support::expect_silent_success;
using twill::testing_support::listed_table;
using twill::testing_support::names_of_machines;

bool is_fast(const table_row& row) { return row.kind != core_kind::efficient; }

/// The places whose spare threads are woken, one after the other, by one at `near`, on a machine on
/// which somebody has sat on each place.
std::vector<int> wake_order(const std::vector<table_row>& rows, int near) {
    const int places = static_cast<int>(rows.size());
    scheduler owner(with_workers(places));
    owner.seat_by(std::make_unique<seating>(rows, topology::victim_rule::level));
    for (int place = 0; place < places; ++place) {
        thread_record& one = *owner.table().add(owner, false);
        scheduler_test::sit(owner, one, place);
        scheduler_test::stand_up(owner, one);
        scheduler_test::push_spare(owner, one);
    }
    std::vector<int> order;
    while (thread_record* const one = scheduler_test::pop_spare_near(owner, near)) {
        order.push_back(one->home);
    }
    return order;
}

TEST(hybrid, performance_cores_of_the_node_are_woken_before_efficient_ones) {
    for (const char* machine : {"hybrid", "hybrid_nodes"}) {
        const std::vector<table_row> rows = listed_table(machine).rows;
        const topology::victim_policy policy(rows, topology::victim_rule::level);
        const auto around = [&](int near, int place) {
            return place == near || policy.between(near, place) != level::far;
        };
        for (int near = 0; near < policy.workers(); ++near) {
            const std::vector<int> order = wake_order(rows, near);
            ASSERT_EQ(order.size(), rows.size());
            EXPECT_EQ(std::set<int>(order.begin(), order.end()).size(), rows.size());
            // In three groups: the fast ones around, the efficient ones around, all others.
            const auto group = [&](int place) {
                return !around(near, place)                             ? 2
                       : is_fast(rows[static_cast<std::size_t>(place)]) ? 0
                                                                        : 1;
            };
            EXPECT_TRUE(std::ranges::is_sorted(order, {}, group)) << machine << ", at " << near;
            if (is_fast(rows[static_cast<std::size_t>(near)])) {
                EXPECT_EQ(order.front(), near);
            }
        }
    }
}

TEST(hybrid, elsewhere_no_place_comes_before_others) {
    for (const std::string& name : names_of_machines()) {
        const std::vector<table_row> rows = listed_table(name).rows;
        const seating all(rows, topology::victim_rule::level);
        EXPECT_EQ(all.fast().empty(), !name.starts_with("hybrid")) << name;
    }
}

// An efficient core is taken only while every other one is held.
TEST(hybrid, threads_sit_on_performance_cores_first_and_loops_are_shared_by_speed) {
    expect_silent_success([] {
        const topology::table machine = listed_table("hybrid");
        describe("hybrid");
        ::setenv("TWILL_PIN", "core", 1);
        EXPECT_EQ(twill::worker_count(), static_cast<int>(machine.rows.size()));
        twill::numa_vector<int> x(1'000'000, 1);
        for (int round = 0; round < 20; ++round) {
            twill::parallel_for_each(x, [](int& one) { ++one; });
        }
        EXPECT_EQ(std::accumulate(x.begin(), x.end(), 0L), 21'000'000);
        scheduler& owner = default_scheduler();
        const topology::node_map* const nodes = owner.known_nodes.nodes();
        ASSERT_NE(nodes, nullptr);
        EXPECT_TRUE(nodes->mixed() && !nodes->divided());
        EXPECT_GT(counted(owner, twill::load_model::counter::placed), 0U);
        EXPECT_EQ(counted(owner, twill::load_model::counter::displaced), 0U); // one node

        topology::pinning* const kept = scheduler_test::seats_of(owner)->kept_by();
        ASSERT_NE(kept, nullptr);
        std::set<int> fast; // cores, whose second processors come after the efficient ones
        for (const table_row& row : machine.rows) {
            if (is_fast(row)) {
                fast.insert(row.core);
            }
        }
        EXPECT_TRUE(eventually([&] { // a thread that sits down has a place before it is noted
            std::set<std::uint32_t> threads;
            bool on_efficient = false;
            for (const auto& [thread, place, cpus] : kept->binds()) {
                threads.insert(thread);
                on_efficient =
                    on_efficient || !is_fast(machine.rows[static_cast<std::size_t>(place)]);
            }
            return !threads.empty() && (!on_efficient || threads.size() >= fast.size());
        }));
    });
}

} // namespace
