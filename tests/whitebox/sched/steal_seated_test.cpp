// SPDX-License-Identifier: Apache-2.0
// What is stolen is counted by level: by what the places of thief and victim share.
#include "sched/access.hpp"
#include "sched/made_up_seats.hpp"
#include "sched/seating.hpp"
#include "support/eventually.hpp"
#include "topology/node_map.hpp"
#include "topology/table.hpp"
#include "twill/parallel_for.hpp"
#include "twill/parallel_invoke.hpp"
#include "twill/task_group.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

namespace {

using namespace twill::sched; // NOLINT(google-build-using-namespace)
namespace detail = twill::detail;
namespace topology = twill::topology;
using twill::load_model::counter;

/// The second of two places; the first has L3 and node 0.
struct other_place {
    int l3;
    int node;
};

void wait_for(const std::atomic<bool>& begun) {
    while (!begun) {
        detail::yield_slice();
    }
}

/// The calling thread holds one of the places of `owner`, and waits inside for a job and for a task
/// that nobody but a thread on the other place can begin.
void be_stolen_from(scheduler& owner) {
    const visit guest(owner);
    std::atomic<bool> begun = false;
    twill::parallel_invoke([&] { wait_for(begun); }, [&] { begun = true; });
    begun = false;
    twill::task_group group;
    group.run([&] { begun = true; });
    wait_for(begun);
    group.wait();
}

struct steals {
    std::uint64_t all;
    std::uint64_t middle;
    std::uint64_t far;
    std::uint64_t remote;
};

steals counted_by(scheduler& owner) {
    return {counted(owner, counter::stolen), counted(owner, counter::stolen_middle),
            counted(owner, counter::stolen_far), counted(owner, counter::stolen_remote)};
}

/// As on a machine whose places are there.
steals steals_between(other_place one) {
    std::vector<topology::table_row> rows(2);
    rows[0].l3 = rows[0].node = 0;
    rows[1].l3 = one.l3;
    rows[1].node = one.node;
    scheduler owner(with_workers(2));
    owner.known_nodes.set(topology::node_map(rows, topology::binds::recorded), owner.workers());
    owner.seat_by(std::make_unique<seating>(rows, topology::victim_rule::level));
    be_stolen_from(owner);
    owner.shut_down();
    return counted_by(owner);
}

TEST(steal_seated, counts_what_shares_cache_and_node_as_near) {
    const steals found = steals_between({0, 0});
    EXPECT_GE(found.all, 2u);
    EXPECT_EQ(found.middle, 0u);
    EXPECT_EQ(found.far, 0u);
    EXPECT_EQ(found.remote, 0u);
}

TEST(steal_seated, counts_what_shares_one_of_them_as_middle) {
    const steals on_the_node = steals_between({1, 0});
    EXPECT_GE(on_the_node.all, 2u);
    EXPECT_EQ(on_the_node.middle, on_the_node.all);
    EXPECT_EQ(on_the_node.far, 0u);
    EXPECT_EQ(on_the_node.remote, 0u);
    const steals below_the_cache = steals_between({0, 1}); // as of sub-NUMA clusters
    EXPECT_GE(below_the_cache.all, 2u);
    EXPECT_EQ(below_the_cache.middle, below_the_cache.all);
    EXPECT_EQ(below_the_cache.far, 0u);
    EXPECT_EQ(below_the_cache.remote, below_the_cache.all);
}

TEST(steal_seated, counts_what_shares_none_of_them_as_far) {
    const steals found = steals_between({1, 1});
    EXPECT_GE(found.all, 2u);
    EXPECT_EQ(found.middle, 0u);
    EXPECT_EQ(found.far, found.all);
    EXPECT_EQ(found.remote, found.all);
}

TEST(steal_seated, counts_all_as_near_without_seats) {
    scheduler owner(with_workers(2));
    be_stolen_from(owner);
    owner.shut_down();
    const steals found = counted_by(owner);
    EXPECT_GE(found.all, 2u);
    EXPECT_EQ(found.middle, 0u);
    EXPECT_EQ(found.far, 0u);
    EXPECT_EQ(found.remote, 0u);
}

// The only place but the test's own is on its node, and the posts are for places of the other one:
// what is taken out of the launcher's loop is taken on the own node, so whatever is far is a post.
TEST(steal_seated, counts_posts_for_other_places_by_how_far_those_are) {
    scheduler owner(with_workers(4));
    const auto rows = twill::testing_support::rows_of(4, 1);
    owner.known_nodes.set(topology::node_map(rows, topology::binds::recorded), owner.workers());
    owner.seat_by(std::make_unique<seating>(rows, topology::victim_rule::level));
    owner.set_active(2);
    {
        const visit guest(owner);
        const int own = detail::hot().place;
        std::vector<int> held;
        for (int number = 0; (number = scheduler_test::numbers(owner).try_take()) >= 0;) {
            held.push_back(number);
        }
        std::erase_if(held, [&](int number) {
            const bool mate = number / 2 == own / 2;
            if (mate) {
                scheduler_test::numbers(owner).put(number);
            }
            return mate;
        });
        ASSERT_EQ(held.size(), 2u);
        EXPECT_TRUE(twill::testing_support::eventually([&] {
            std::atomic<int> begun = 0;
            twill::parallel_for(
                0, 2,
                [&](int) {
                    for (++begun; begun < 2;) {
                        detail::yield_slice();
                    }
                },
                twill::at(1 - own / 2));
            return counted(owner, counter::stolen_far) > 0;
        }));
        EXPECT_EQ(counted(owner, counter::stolen_remote), counted(owner, counter::stolen_far));
        EXPECT_LE(counted(owner, counter::stolen_far), counted(owner, counter::posted));
        for (const int number : held) {
            scheduler_test::numbers(owner).put(number);
        }
    }
    owner.shut_down();
}

} // namespace
