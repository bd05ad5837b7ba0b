// SPDX-License-Identifier: Apache-2.0
// Schedulers that follow a machine: a described one, with binds that are noted down and not made,
// and the one at hand, of which a thread of the runtime finds out where its places are.
#include "sched/access.hpp"
#include "sched/lifetime.hpp"
#include "support/child.hpp"
#include "topology/hwloc_functions.hpp"
#include "topology/machines.hpp"
#include "topology/pinning.hpp"
#include "topology/workers.hpp"
#include "twill/numa_vector.hpp"
#include "twill/worker.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <thread>

namespace {

using namespace twill::sched; // NOLINT(google-build-using-namespace)
namespace topology = twill::topology;
namespace detail = twill::detail;
using topology::table_row;
using twill::testing_support::child_end;
using twill::testing_support::expect_silent_success;
using twill::testing_support::in_child;
using twill::testing_support::listed_machines;
using twill::testing_support::listed_table;

void describe(const std::string& machine) {
    for (const auto& [name, value] : listed_machines()) {
        if (name == machine) {
            ::setenv("TWILL_TOPOLOGY", value.c_str(), 1);
            return;
        }
    }
    FAIL() << "no machine " << machine;
}

seating* seats_of_default() { return scheduler_test::seats_of(default_scheduler()); }

/// The CPUs of a listed machine that share core, or L3 and node, with a row.
std::vector<int> around(const std::vector<table_row>& rows, const table_row& one, bool core) {
    std::vector<int> cpus;
    for (const table_row& row : rows) {
        if (core ? row.core == one.core : row.l3 == one.l3 && row.node == one.node) {
            cpus.push_back(row.pu);
        }
    }
    std::ranges::sort(cpus);
    return cpus;
}

/// The affinity masks that the threads of this process have.
std::set<std::vector<int>> masks() {
    std::set<std::vector<int>> found;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
        found.insert(topology::affinity_of(std::stoi(entry.path().filename())));
    }
    return found;
}

/// Until as many threads of the runtime have sat down, and all have left.
void run_a_while() {
    for (int k = 0; k < 20; ++k) {
        EXPECT_EQ(fib(16), 987);
    }
}

class described : public testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(machines, described, testing::ValuesIn([] {
                             std::vector<std::string> names;
                             for (const auto& [name, value] : listed_machines()) {
                                 names.push_back(name);
                             }
                             return names;
                         }()),
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

TEST(followed, workers_that_were_asked_for_take_the_places_in_turn) {
    expect_silent_success([] {
        describe("cores_64");
        ::setenv("TWILL_WORKERS", "70", 1);
        EXPECT_EQ(twill::worker_count(), 70);
        run_a_while();
        EXPECT_EQ(seats_of_default()->places(), 70);
        const topology::victim_policy& policy = seats_of_default()->policy();
        EXPECT_EQ(policy.word_of(65), policy.word_of(1));
    });
}

TEST(followed, places_of_the_environment) {
    expect_silent_success([] {
        describe("cores_64");
        ::setenv("TWILL_PLACES", "l3", 1);
        const auto machine = listed_table("cores_64");
        std::set<int> caches;
        for (const table_row& row : machine.rows) {
            caches.insert(row.l3);
        }
        EXPECT_EQ(twill::worker_count(), static_cast<int>(caches.size()));
        run_a_while();
        ASSERT_NE(seats_of_default(), nullptr);
        EXPECT_EQ(seats_of_default()->policy().groups(), twill::worker_count());
        // Kept to the whole group, also where one core of it has a worker.
        EXPECT_EQ(seats_of_default()->kept_by()->cpus_of(0),
                  around(machine.rows, machine.rows.front(), false));
    });
}

TEST(followed, the_rule_of_pins) {
    for (const char* value : {"none", "auto", "", "group", "core"}) {
        expect_silent_success([value] {
            describe("cores_64");
            ::setenv("TWILL_PIN", value, 1);
            const auto rows = listed_table("cores_64").rows;
            run_a_while();
            topology::pinning* const kept = seats_of_default()->kept_by();
            const std::string rule = value;
            ASSERT_EQ(kept == nullptr, rule == "none");
            for (int place = 0; kept != nullptr && place < 64; ++place) {
                const table_row& row = rows[static_cast<std::size_t>(place)];
                EXPECT_EQ(kept->cpus_of(kept->domain_of(place)), around(rows, row, rule == "core"));
            }
        });
    }
}

TEST(followed, a_pin_to_cores_also_where_there_is_one_group) {
    expect_silent_success([] {
        ::setenv("TWILL_TOPOLOGY", "synthetic:l3:1 core:4 pu:1", 1);
        ::setenv("TWILL_PIN", "core", 1);
        run_a_while();
        ASSERT_NE(seats_of_default(), nullptr);
        EXPECT_EQ(seats_of_default()->kept_by()->cpus_of(2), (std::vector<int>{2}));
    });
    expect_silent_success([] {
        ::setenv("TWILL_TOPOLOGY", "synthetic:l3:1 core:4 pu:1", 1);
        run_a_while();
        EXPECT_EQ(seats_of_default(), nullptr);
    });
}

TEST(followed, the_rule_of_steals) {
    for (const char* value : {"uniform", "level", ""}) {
        expect_silent_success([value] {
            describe("cores_64");
            ::setenv("TWILL_STEAL", value, 1);
            run_a_while();
            EXPECT_EQ(seats_of_default()->policy().rule(), std::string(value) == "uniform"
                                                               ? topology::victim_rule::uniform
                                                               : topology::victim_rule::level);
        });
    }
}

TEST(followed, bad_values_are_told_once) {
    const child_end end = in_child([] {
        ::setenv("TWILL_TOPOLOGY", "synthetic:nonsense:", 1);
        ::setenv("TWILL_STEAL", "nearest", 1);
        ::setenv("TWILL_PIN", "all", 1);
        run_a_while();
    });
    EXPECT_TRUE(end.exited_with(0)) << end.errors;
    for (const char* line :
         {"TWILL_TOPOLOGY: expected a topology (hwloc does not understand the description), got ",
          "TWILL_STEAL: expected uniform or level, got \"nearest\"; using level\n",
          "TWILL_PIN: expected auto, none, group or core, got \"all\"; using auto\n"}) {
        EXPECT_NE(end.errors.find(line), std::string::npos) << end.errors;
    }
    EXPECT_EQ(std::ranges::count(end.errors, '\n'), 3) << end.errors;
}

bool hwloc_is_loaded() {
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
        if (line.find("libhwloc") != std::string::npos) {
            return true;
        }
    }
    return false;
}

// On the machine at hand: not before the first verb, by a thread of the runtime, and not the
// caller's.
TEST(followed, hwloc_is_loaded_after_the_first_verb) {
    expect_silent_success([] {
        ::setenv("TWILL_WORKERS", "2", 1);
        EXPECT_EQ(twill::worker_count(), 2);
        EXPECT_FALSE(hwloc_is_loaded());
        fib(10);
        while (!scheduler_test::has_learned(default_scheduler())) {
            fib(10);
        }
        EXPECT_TRUE(hwloc_is_loaded());
        run_a_while();
    });
}

TEST(followed, the_first_numa_vector_waits_until_the_machine_is_known) {
    expect_silent_success([] {
        ::setenv("TWILL_WORKERS", "2", 1);
        const twill::numa_vector<int> x(10'000, 3);
        EXPECT_TRUE(scheduler_test::has_learned(default_scheduler()));
        EXPECT_EQ(x.back(), 3);
        run_a_while();
    });
    expect_silent_success([] {
        ::setenv("TWILL_WORKERS", "1", 1);
        const twill::numa_vector<int> x(10'000, 3);
        EXPECT_FALSE(hwloc_is_loaded());
    });
}

TEST(followed, a_numa_vector_is_divided_by_the_nodes_of_a_described_machine) {
    expect_silent_success([] {
        describe("two_nodes");
        const twill::numa_vector<char> x(64 * 4096);
        const auto where = x.placed();
        ASSERT_NE(where.of, nullptr);
        ASSERT_EQ(where.of->count, 2U);
        EXPECT_EQ(where.of->stretches[0].end, 32U * 4096);
        EXPECT_EQ(where.of->stretches[0].node, 0);
        EXPECT_EQ(where.of->stretches[1].node, 1);
    });
}

TEST(followed, one_worker_needs_no_topology) {
    expect_silent_success([] {
        ::setenv("TWILL_WORKERS", "1", 1);
        fib(10);
        scheduler_test::look_now(default_scheduler());
        fib(10);
        EXPECT_FALSE(hwloc_is_loaded());
    });
}

// Whatever a thread of the runtime is doing in hwloc at that moment.
TEST(followed, a_fork_in_the_middle) {
    for (int round = 0; round < 10; ++round) {
        expect_silent_success([round] {
            ::setenv("TWILL_WORKERS", "2", 1);
            fib(10);
            scheduler_test::look_now(default_scheduler());
            const std::uint64_t begun = detail::ticks();
            while (detail::ticks() - begun < static_cast<std::uint64_t>(round) * 400'000) {
            }
            expect_silent_success([] {
                EXPECT_EQ(fib(10), 55);
                scheduler_test::set_look_period(default_scheduler(), 0);
                while (!scheduler_test::has_learned(default_scheduler())) {
                    EXPECT_EQ(fib(10), 55);
                }
            });
            EXPECT_EQ(fib(10), 55);
        });
    }
}

TEST(followed, a_child_forked_in_the_middle_reads_no_table) {
    expect_silent_success([] {
        std::string why;
        topology::forget_hwloc_in_child(); // nobody is inside
        EXPECT_TRUE(topology::read_table({}, why)) << why;
        const topology::inside_hwloc inside;
        topology::forget_hwloc_in_child();
        EXPECT_FALSE(topology::read_table({}, why));
        EXPECT_EQ(why, "the process was forked while its parent read the machine");
    });
}

} // namespace
