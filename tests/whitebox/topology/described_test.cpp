// SPDX-License-Identifier: Apache-2.0
// Schedulers on each of the listed machines: places, binds that are noted down and not made, and
// who is woken.
#include "topology/described.hpp"

#include "support/child.hpp"
#include "support/eventually.hpp"
#include "topology/affinity.hpp"
#include "topology/pinning.hpp"
#include "topology/worker_count.hpp"
#include "topology/workers.hpp"
#include "twill/runtime.hpp"
#include "twill/worker.hpp"

#include <filesystem>
#include <map>
#include <set>

namespace {

using namespace twill::sched; // NOLINT(google-build-using-namespace)
namespace topology = twill::topology;
using topology::table_row;
using twill::testing_support::around;
using twill::testing_support::describe;
using twill::testing_support::eventually;
using twill::testing_support::expect_silent_success;
using twill::testing_support::listed_table;
using twill::testing_support::run_a_while;
using twill::testing_support::seats_of_default;

/// The affinity masks that the threads of this process have.
std::set<std::vector<int>> masks() {
    std::set<std::vector<int>> found;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
        found.insert(topology::affinity_of(std::stoi(entry.path().filename())));
    }
    return found;
}

bool is_efficient(const std::vector<table_row>& rows, int place) {
    return rows[static_cast<std::size_t>(place)].kind == topology::core_kind::efficient;
}

class described : public testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(machines, described,
                         testing::ValuesIn(twill::testing_support::names_of_machines()),
                         [](const auto& machine) { return machine.param; });

TEST_P(described, is_followed_and_binds_are_noted_down) {
    expect_silent_success([] {
        const topology::table machine = listed_table(GetParam());
        const std::set<std::vector<int>> before = masks();
        describe(GetParam());
        ASSERT_EQ(twill::worker_count(), static_cast<int>(machine.rows.size()));
        run_a_while();
        EXPECT_EQ(twill::worker_count(), static_cast<int>(machine.rows.size()));
        EXPECT_EQ(default_scheduler().active(), twill::worker_count());
        const topology::victim_policy policy(machine.rows, topology::victim_rule::level);
        seating* const all = seats_of_default();
        if (policy.groups() == 1) {
            EXPECT_EQ(all, nullptr);
        } else {
            ASSERT_NE(all, nullptr);
            EXPECT_EQ(all->places(), twill::worker_count());
            topology::pinning* const kept = all->kept_by();
            ASSERT_EQ(kept != nullptr, machine.excluded.empty());
            if (kept != nullptr) {
                EXPECT_TRUE(eventually([kept] { // somebody sits down
                    run_a_while();
                    return !kept->binds().empty();
                }));
                std::map<std::uint32_t, int> last;
                for (const auto& [thread, place, cpus] : kept->binds()) {
                    EXPECT_FALSE(default_scheduler().table()[thread].guest);
                    const table_row& row = machine.rows[static_cast<std::size_t>(place)];
                    EXPECT_EQ(cpus, around(machine.rows, row, false));
                    const int domain = kept->domain_of(place);
                    EXPECT_TRUE(!last.contains(thread) || last[thread] != domain);
                    last[thread] = domain;
                }
            }
        }
        EXPECT_EQ(masks(), before);
        const topology::node_map* const nodes = default_scheduler().known_nodes.nodes();
        ASSERT_EQ(nodes != nullptr, topology::node_map(machine.rows).matters());
        for (int place = 0; nodes != nullptr && place < nodes->places(); ++place) {
            const table_row& row = machine.rows[static_cast<std::size_t>(place)];
            EXPECT_EQ(nodes->node_of(place), row.node);
            EXPECT_EQ(nodes->kind_of(place), row.kind);
        }
    });
}

// With a thread asleep on each place, the nearest are woken first, wherever they are wanted.
TEST_P(described, threads_are_woken_by_nearness) {
    const std::vector<table_row> rows = listed_table(GetParam()).rows;
    const auto places = static_cast<int>(rows.size());
    scheduler owner(with_workers(places));
    owner.seat_by(std::make_unique<seating>(rows, topology::victim_rule::level));
    std::vector<thread_record*> threads;
    for (int place = 0; place < places; ++place) {
        threads.push_back(owner.table().add(owner, false));
        scheduler_test::sit(owner, *threads.back(), place);
        scheduler_test::stand_up(owner, *threads.back());
    }
    const seating& all = *scheduler_test::seats_of(owner);
    for (const int near : std::set{0, places / 3, places / 2, places - 1}) {
        for (thread_record* const one : threads) {
            scheduler_test::push_spare(owner, *one);
        }
        // Among those that share L3 or node the efficient ones come last, else the near ones first.
        std::pair<int, int> before{0, 0};
        bool near_came = false;
        for (int k = 0; k < places; ++k) {
            thread_record* const one = scheduler_test::pop_spare_near(owner, near);
            ASSERT_NE(one, nullptr);
            const int distance = all.distance(near, one->home);
            const int kind = is_efficient(rows, one->home) ? 1 : 0;
            const std::pair now{distance == seating::farthest ? 2 : kind, distance};
            EXPECT_GE(now, before) << one->home << " near " << near;
            EXPECT_EQ(distance == 0, one->home == near);
            near_came = near_came || one->home == near;
            before = now;
        }
        EXPECT_TRUE(near_came);
        EXPECT_EQ(scheduler_test::pop_spare_near(owner, near), nullptr);
    }
}

/// The first so many places that workers may have, which are taken in turn.
std::vector<table_row> first_in_turn(const std::vector<table_row>& places, int count) {
    std::vector<table_row> rows;
    for (std::size_t k = 0; k < static_cast<std::size_t>(count); ++k) {
        rows.push_back(places[k % places.size()]);
    }
    return rows;
}

void expect_places(int workers, const std::vector<table_row>& rows) {
    const scheduler_options options = options_for({workers, true}, topology::core_count());
    ASSERT_NE(options.described, nullptr);
    EXPECT_FALSE(options.learns_places);
    EXPECT_EQ(options.described->workers, rows);
    scheduler made(options);
    EXPECT_EQ(made.workers(), workers);
    const topology::victim_policy policy(rows, topology::victim_rule::level);
    seating* const all = scheduler_test::seats_of(made);
    ASSERT_EQ(all != nullptr, policy.groups() > 1);
    if (all != nullptr) {
        EXPECT_EQ(all->policy().groups(), policy.groups());
    }
    const topology::node_map expected(rows);
    const topology::node_map* const nodes = made.known_nodes.nodes();
    ASSERT_EQ(nodes != nullptr, expected.matters());
    for (int place = 0; nodes != nullptr && place < workers; ++place) {
        EXPECT_EQ(nodes->node_of(place), expected.node_of(place));
    }
    made.shut_down();
}

TEST(followed, runtimes_of_other_sizes_take_the_places_in_turn) {
    expect_silent_success([] {
        describe("cores_64");
        const auto rows = listed_table("cores_64").rows;
        for (const int workers : {1, 24, 40, 64, 70}) {
            expect_places(workers, first_in_turn(rows, workers));
        }
        const twill::runtime whole;
        EXPECT_EQ(whole.worker_count(), 64);
        twill::runtime few({.workers = 40});
        EXPECT_EQ(few.run([] { return fib(16); }), 987);
    });
    expect_silent_success([] {
        describe("cores_64");
        ::setenv("TWILL_PLACES", "0,32,8", 1);
        const auto rows = listed_table("cores_64").rows;
        expect_places(4, {rows[0], rows[32], rows[8], rows[0]});
        EXPECT_EQ(twill::runtime().worker_count(), 3);
        ::setenv("TWILL_WORKERS", "2", 1);
        EXPECT_EQ(twill::runtime().worker_count(), 2);
    });
    expect_silent_success([] {
        const std::string cpu = std::to_string(topology::affinity_of(0).back());
        ::setenv("TWILL_PLACES", cpu.c_str(), 1); // of the machine itself
        const scheduler_options options = options_for({3, true}, topology::core_count());
        ASSERT_NE(options.described, nullptr);
        ASSERT_EQ(options.described->workers.size(), 3u);
        for (const table_row& row : options.described->workers) {
            EXPECT_EQ(std::to_string(row.pu), cpu);
        }
    });
}

// Where CPUs are kept from the program nobody is kept to a group unasked; who is, to what is left
// of it.
TEST(followed, pins_that_were_asked_for_on_a_restricted_machine) {
    for (const char* rule : {"group", "core"}) {
        expect_silent_success([rule] {
            describe("restricted");
            ::setenv("TWILL_PIN", rule, 1);
            const topology::table machine = listed_table("restricted");
            ASSERT_FALSE(machine.excluded.empty());
            std::set<int> usable;
            for (const table_row& row : machine.rows) {
                usable.insert(row.pu);
            }
            fib(10);
            ASSERT_NE(seats_of_default(), nullptr);
            topology::pinning* const kept = seats_of_default()->kept_by();
            ASSERT_NE(kept, nullptr);
            EXPECT_TRUE(eventually([kept] {
                run_a_while();
                return !kept->binds().empty();
            }));
            for (const auto& [thread, place, cpus] : kept->binds()) {
                const table_row& row = machine.rows[static_cast<std::size_t>(place)];
                EXPECT_EQ(cpus, around(machine.rows, row, std::string(rule) == "core"));
                EXPECT_TRUE(
                    std::ranges::all_of(cpus, [&usable](int cpu) { return usable.contains(cpu); }));
            }
        });
    }
}

} // namespace
