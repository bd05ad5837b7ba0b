// SPDX-License-Identifier: Apache-2.0
#include "topology/workers.hpp"

#include "support/child.hpp"
#include "topology/machines.hpp"
#include "topology/worker_count.hpp"

#include <cstdlib>
#include <numeric>

namespace {

using twill::testing_support::expect_silent_success;
using twill::testing_support::in_child;
using twill::testing_support::listed_table;
using twill::topology::parse_places;
using twill::topology::places;
using twill::topology::places_kind;
using twill::topology::table_row;
using twill::topology::worker_table;
using twill::topology::workers_from_environment;
namespace topology = twill::topology;

std::vector<int> pus(const std::vector<table_row>& rows) {
    std::vector<int> numbers;
    for (const table_row& row : rows) {
        numbers.push_back(row.pu);
    }
    return numbers;
}

/// The processors of the places on a listed machine; empty if it refuses.
std::vector<int> placed(const std::string& machine, const char* value) {
    std::string why;
    const auto wanted = parse_places(value);
    EXPECT_TRUE(wanted) << value;
    const auto rows = wanted ? topology::placed(listed_table(machine), *wanted, why) : std::nullopt;
    EXPECT_NE(rows.has_value(), !why.empty() && !rows.has_value()) << why;
    return rows ? pus(*rows) : std::vector<int>{};
}

TEST(places, forms) {
    EXPECT_EQ(parse_places("cores"), (places{places_kind::cores, {}}));
    EXPECT_EQ(parse_places("l3"), (places{places_kind::l3, {}}));
    EXPECT_EQ(parse_places("nodes"), (places{places_kind::nodes, {}}));
    EXPECT_EQ(parse_places("0-3,8"), (places{places_kind::list, {0, 1, 2, 3, 8}}));
    EXPECT_EQ(parse_places("7"), (places{places_kind::list, {7}}));
    EXPECT_EQ(parse_places("9,3-3,1048575"), (places{places_kind::list, {9, 3, 1048575}}));
    std::vector<int> most(topology::max_workers);
    std::iota(most.begin(), most.end(), 5);
    EXPECT_EQ(parse_places("5-4100"), (places{places_kind::list, most}));
}

TEST(places, what_is_none_of_them) {
    for (const char* value : {"",          "core",
                              "L3",        "all",
                              ",",         "1,",
                              ",1",        "1,,2",
                              "-",         "1-",
                              "-1",        "3-1",
                              "1--2",      "1-2-3",
                              " 1",        "1 ",
                              "1, 2",      "+1",
                              "0x1",       "1.5",
                              "1048576",   "99999999999",
                              "1,1",       "0-3,2",
                              "0-4096",    "0-2048,2049-4097",
                              "0-1048575", "cores,1"}) {
        EXPECT_FALSE(parse_places(value)) << value;
    }
}

TEST(places, one_for_each_of_what_is_named) {
    EXPECT_EQ(placed("smt_on", "cores"), (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7}));
    EXPECT_EQ(placed("no_cores", "cores"), (std::vector<int>{0, 1, 2, 3}));
    EXPECT_EQ(placed("offline", "cores"), (std::vector<int>{0, 2, 6}));
    EXPECT_EQ(placed("disordered", "l3"), (std::vector<int>{0, 2, 1, 3}));
    EXPECT_EQ(placed("disordered", "nodes"), (std::vector<int>{0, 1}));
    EXPECT_EQ(placed("restricted", "l3"), (std::vector<int>{2, 12, 16}));
    EXPECT_EQ(placed("memoryless", "nodes"), (std::vector<int>{0, 4}));
    EXPECT_EQ(placed("smt_on", "9,0-2"), (std::vector<int>{9, 0, 1, 2}));
    EXPECT_EQ(placed("no_l3", "l3"), (std::vector<int>{}));
    EXPECT_EQ(placed("restricted", "2,8"), (std::vector<int>{}));
    EXPECT_EQ(placed("offline", "3"), (std::vector<int>{}));
}

TEST(workers, of_a_described_machine) {
    expect_silent_success([] {
        ::unsetenv("TWILL_WORKERS");
        ::setenv("TWILL_TOPOLOGY", "synthetic:pack:2 [numa] l3:2 core:4 pu:2", 1);
        worker_table found = workers_from_environment();
        EXPECT_EQ(found.workers.size(), 32U);
        EXPECT_EQ(found.quota, 0);
        EXPECT_EQ(found.from.kind, topology::source_kind::synthetic);
        ::setenv("TWILL_PLACES", "l3", 1);
        EXPECT_EQ(pus(workers_from_environment().workers), (std::vector<int>{0, 8, 16, 24}));
        ::setenv("TWILL_WORKERS", "6", 1);
        EXPECT_EQ(pus(workers_from_environment().workers), (std::vector<int>{0, 8, 16, 24, 0, 8}));
        ::setenv("TWILL_PLACES", "", 1);
        EXPECT_EQ(pus(workers_from_environment().workers), (std::vector<int>{0, 2, 4, 6, 8, 10}));
    });
}

TEST(workers, of_the_machine_itself) {
    expect_silent_success([] {
        for (const char* name : {"TWILL_WORKERS", "TWILL_TOPOLOGY", "TWILL_PLACES"}) {
            ::unsetenv(name);
        }
        const worker_table found = workers_from_environment();
        EXPECT_EQ(static_cast<int>(found.workers.size()), topology::core_count());
        EXPECT_EQ(found.quota, topology::cpu_quota());
        ::setenv("TWILL_TOPOLOGY", "machine", 1);
        EXPECT_EQ(pus(workers_from_environment().workers), pus(found.workers));
    });
}

/// What a bad value of a variable is told to be, once; the rest must be as if it were unset.
std::string complaint(const char* name, const char* value) {
    const auto end = in_child([=] {
        ::unsetenv("TWILL_WORKERS");
        ::setenv("TWILL_TOPOLOGY", "synthetic:core:2 pu:2", 1);
        ::setenv(name, value, 1);
        const bool machine = std::string(name) == "TWILL_TOPOLOGY";
        for (int k = 0; k < 2; ++k) {
            const worker_table found = workers_from_environment();
            EXPECT_EQ(found.from.kind,
                      machine ? topology::source_kind::machine : topology::source_kind::synthetic);
            EXPECT_EQ(static_cast<int>(found.workers.size()), machine ? topology::core_count() : 4);
            EXPECT_EQ(found.wanted, places{});
        }
    });
    EXPECT_TRUE(end.exited_with(0)) << value;
    return end.errors;
}

TEST(workers, bad_values_are_one_line_and_the_default) {
    EXPECT_EQ(complaint("TWILL_TOPOLOGY", "synthetic"),
              "TWILL_TOPOLOGY: expected machine, synthetic:TEXT or xml:FILE, got \"synthetic\"; "
              "using machine\n");
    EXPECT_EQ(complaint("TWILL_TOPOLOGY", "synthetic:pack:0"),
              "TWILL_TOPOLOGY: expected a topology (hwloc does not understand the description), "
              "got \"synthetic:pack:0\"; using machine\n");
    EXPECT_EQ(complaint("TWILL_TOPOLOGY", "xml:/nowhere\n.xml"),
              "TWILL_TOPOLOGY: expected a topology (No such file or directory), got "
              "\"xml:/nowhere?.xml\"; using machine\n");
    EXPECT_EQ(complaint("TWILL_PLACES", "sockets"),
              "TWILL_PLACES: expected cores, l3, nodes or a list of CPUs like 0-3,8, got "
              "\"sockets\"; using all CPUs\n");
    EXPECT_EQ(complaint("TWILL_PLACES", "0-4"),
              "TWILL_PLACES: expected CPUs that this program may use, got \"0-4\"; using all "
              "CPUs\n");
    EXPECT_EQ(complaint("TWILL_PLACES", "l3"),
              "TWILL_PLACES: expected caches that this machine has, got \"l3\"; using all CPUs\n");
}

} // namespace
