// SPDX-License-Identifier: Apache-2.0
#include "topology/table.hpp"

#include "support/child.hpp"
#include "support/refused_calls.hpp"
#include "topology/machines.hpp"

#include <functional>
#include <map>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

using twill::testing_support::expect_silent_success;
using twill::testing_support::listed_machines;
using twill::testing_support::listed_table;
using twill::topology::core_kind;
using twill::topology::memory_kind;
using twill::topology::memory_node;
using twill::topology::none;
using twill::topology::table;
using twill::topology::table_row;
namespace topology = twill::topology;

constexpr auto unknown = core_kind::unknown;

/// What the table of a machine is to be, worker by worker.
struct expectation {
    int workers;
    std::function<table_row(int)> row; ///< pu, core, l2, l3, node, package, kind, smt
};

/// Rows that are listed.
expectation rows(std::vector<table_row> listed) {
    const int count = static_cast<int>(listed.size());
    return {count, [listed](int j) { return listed[static_cast<std::size_t>(j)]; }};
}

/// Cores of one processor each, numbered as laid out: so many to an L3, a node and a package.
expectation plain(int workers, int by_cache, int by_node, int by_package) {
    return {workers, [=](int j) {
                return table_row{j, j, j, j / by_cache, j / by_node, j / by_package, unknown, 0};
            }};
}

const std::map<std::string, expectation>& expectations() {
    static const std::map<std::string, expectation> all{
        {"one_core", rows({{0, 0, none, none, 0, none, unknown, 0}})},
        {"no_cores",
         {4, [](int j) { return table_row{j, none, none, none, 0, none, unknown, 0}; }}},
        {"one_l3", plain(8, 8, 8, 8)},
        {"no_l3",
         {16, [](int j) { return table_row{j, j, j / 2, none, j / 8, j / 8, unknown, 0}; }}},
        {"two_nodes", plain(32, 16, 16, 16)},
        {"four_nodes",
         {64,
          [](int j) {
              const int core = j % 32;
              return table_row{2 * core + j / 32, core, core,    core / 4,
                               core / 8,          0,    unknown, j / 32};
          }}},
        {"eight_nodes", plain(128, 8, 16, 64)},
        {"sub_numa", plain(48, 24, 12, 24)},
        {"smt_on", {16, [](int j) { return table_row{j, j % 8, j % 8, 0, 0, 0, unknown, j / 8}; }}},
        {"smt_off", plain(8, 8, 8, 8)},
        // Node 1 is nearest to 3 by the table of distances, though 0 is in the same package.
        {"memoryless",
         {16,
          [](int j) { return table_row{j, j, none, j / 4, j < 4 ? 0 : 3, j / 8, unknown, 0}; }}},
        {"hbm",
         {16, [](int j) { return table_row{j, j, none, j / 4, j / 4 * 2, j / 8, unknown, 0}; }}},
        // Four P cores of two processors, two clusters of four E cores, two slower ones without L3.
        {"hybrid",
         {18,
          [](int j) {
              if (j < 4 || j >= 14) {
                  const int core = j < 4 ? j : j - 14;
                  const int smt = j < 4 ? 0 : 1;
                  return table_row{2 * core + smt,         core, core, 0, 0, 0,
                                   core_kind::performance, smt};
              }
              return table_row{j + 4, j, 4 + (j - 4) / 4,      j < 12 ? 0 : none,
                               0,     0, core_kind::efficient, 0};
          }}},
        // On each of two nodes eight P cores and four clusters of four E cores.
        {"hybrid_nodes",
         {48,
          [](int j) {
              const bool fast = j < 16;
              const int node = fast ? j / 8 : (j - 16) / 16;
              const int core = fast ? j % 8 : 8 + (j - 16) % 16; // of the node's
              const int cluster = fast ? core : 8 + (core - 8) / 4;
              return table_row{24 * node + core,
                               24 * node + core,
                               12 * node + cluster,
                               node,
                               node,
                               node,
                               fast ? core_kind::performance : core_kind::efficient,
                               0};
          }}},
        {"offline", rows({{0, 0, 0, 0, 0, 0, unknown, 0},
                          {2, 1, 1, 0, 0, 0, unknown, 0},
                          {6, 2, 2, 0, 0, 0, unknown, 0},
                          {1, 0, 0, 0, 0, 0, unknown, 1},
                          {7, 2, 2, 0, 0, 0, unknown, 1}})},
        {"restricted",
         {14,
          [](int j) {
              constexpr int cores[]{1, 2, 3, 6, 7, 8, 9};
              const int core = cores[j % 7];
              return table_row{2 * core + j / 7, core,     none,    core / 4,
                               core / 8,         core / 8, unknown, j / 7};
          }}},
        {"disordered",
         {16,
          [](int j) {
              constexpr int first[]{0, 4, 2, 6, 1, 5, 3, 7};
              const int core = j % 8;
              return table_row{first[core] + 8 * (j / 8), core,     core,    core / 2,
                               core < 4 ? 1 : 0,          core / 4, unknown, j / 8};
          }}},
        {"cores_64", plain(64, 8, 32, 32)},
        {"cores_256", plain(256, 8, 32, 128)},
        {"cores_1024", plain(1024, 16, 64, 256)},
    };
    return all;
}

void PrintTo(const table_row& row, std::ostream* out) {
    *out << row.pu << ' ' << row.core << ' ' << row.l2 << ' ' << row.l3 << ' ' << row.node << ' '
         << row.package << ' ' << static_cast<int>(row.kind) << ' ' << row.smt;
}

TEST(table, every_machine_is_read_as_it_is) {
    std::size_t read = 0;
    for (const auto& [name, value] : listed_machines()) {
        SCOPED_TRACE(name);
        const auto expected = expectations().find(name);
        ASSERT_NE(expected, expectations().end());
        const table found = listed_table(name);
        ASSERT_EQ(static_cast<int>(found.rows.size()), expected->second.workers);
        for (int j = 0; j < expected->second.workers; ++j) {
            const table_row& row = found.rows[static_cast<std::size_t>(j)];
            std::ostringstream differ;
            PrintTo(row, &differ);
            EXPECT_EQ(row, expected->second.row(j)) << "worker " << j << ": " << differ.str();
        }
        ++read;
    }
    EXPECT_EQ(read, expectations().size());
}

TEST(table, no_processor_comes_twice_and_siblings_come_after_all_cores) {
    for (const auto& [name, value] : listed_machines()) {
        SCOPED_TRACE(name);
        const table found = listed_table(name);
        std::map<int, int> seen;
        int smt = 0;
        for (const table_row& row : found.rows) {
            EXPECT_EQ(seen[row.pu]++, 0);
            EXPECT_GE(row.smt, smt);
            smt = row.smt;
        }
        for (const table_row& row : found.excluded) {
            EXPECT_EQ(seen[row.pu]++, 0);
        }
        for (const int pu : found.offline) {
            EXPECT_EQ(seen[pu]++, 0);
        }
        int on_nodes = 0;
        for (const memory_node& node : found.nodes) {
            EXPECT_TRUE(node.processors == 0 || node.kind == memory_kind::ordinary);
            on_nodes += node.processors;
        }
        EXPECT_EQ(on_nodes, static_cast<int>(found.rows.size()));
    }
}

TEST(table, memory_of_every_kind) {
    constexpr std::uint64_t gibi = std::uint64_t{1} << 30;
    EXPECT_EQ(listed_table("memoryless").nodes,
              (std::vector<memory_node>{{0, memory_kind::ordinary, "", 8 * gibi, 4},
                                        {1, memory_kind::missing, "", 0, 0},
                                        {2, memory_kind::missing, "", 0, 0},
                                        {3, memory_kind::ordinary, "", 8 * gibi, 12}}));
    const table hbm = listed_table("hbm");
    ASSERT_EQ(hbm.nodes.size(), 8U);
    for (int k = 0; k < 8; ++k) {
        const memory_node expected =
            k % 2 == 0 ? memory_node{k, memory_kind::ordinary, "", 32 * gibi, 4}
                       : memory_node{k, memory_kind::special, "HBM", 16 * gibi, 0};
        EXPECT_EQ(hbm.nodes[static_cast<std::size_t>(k)], expected) << k;
    }
    // Without sizes nobody can tell that there is no memory.
    const table silent = listed_table("no_l3");
    ASSERT_EQ(silent.nodes.size(), 2U);
    EXPECT_EQ(silent.nodes[1], (memory_node{1, memory_kind::ordinary, "", 0, 8}));
}

TEST(table, what_may_not_be_used_is_left_out) {
    const table restricted = listed_table("restricted");
    std::vector<int> kept;
    for (const table_row& row : restricted.excluded) {
        kept.push_back(row.pu);
    }
    EXPECT_EQ(kept, (std::vector<int>{0, 1, 8, 9, 10, 11, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
                                      30, 31}));
    EXPECT_EQ(restricted.offline, std::vector<int>{});
    EXPECT_EQ(listed_table("offline").offline, (std::vector<int>{3, 4, 5}));
    EXPECT_EQ(listed_table("smt_off").offline, (std::vector<int>{8, 9, 10, 11, 12, 13, 14, 15}));
    EXPECT_EQ(listed_table("one_l3").offline, std::vector<int>{});
}

TEST(table, of_the_machine_itself_only_the_mask_counts) {
    expect_silent_success([] {
        std::string why;
        cpu_set_t all;
        ASSERT_EQ(sched_getaffinity(0, sizeof all, &all), 0);
        auto found = topology::read_table({}, why);
        ASSERT_TRUE(found) << why;
        EXPECT_EQ(static_cast<int>(found->rows.size()), CPU_COUNT(&all));
        for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
            if (!CPU_ISSET(static_cast<unsigned>(cpu), &all)) {
                continue;
            }
            cpu_set_t one;
            CPU_ZERO(&one);
            CPU_SET(static_cast<unsigned>(cpu), &one);
            ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
            found = topology::read_table({}, why);
            ASSERT_TRUE(found) << why;
            ASSERT_EQ(found->rows.size(), 1U);
            EXPECT_EQ(found->rows[0].pu, cpu);
            EXPECT_GE(static_cast<int>(found->excluded.size()), CPU_COUNT(&all) - 1);
        }
    });
}

TEST(table, what_hwloc_refuses_has_a_reason) {
    expect_silent_success([] {
        std::string why;
        errno = ENOTTY;
        EXPECT_FALSE(topology::read_table({topology::source_kind::synthetic, "pack:0 x"}, why));
        EXPECT_EQ(why, "hwloc does not understand the description");
        EXPECT_FALSE(topology::read_table({topology::source_kind::xml, "/nowhere.xml"}, why));
        EXPECT_EQ(why, "No such file or directory");
        EXPECT_FALSE(
            topology::read_table({topology::source_kind::xml, TWILL_MACHINES "/list.txt"}, why));
        EXPECT_EQ(why, "hwloc finds no topology in the file");
        EXPECT_EQ(errno, ENOTTY);
    });
}

// hwloc would ask with larger and larger sets, and never end.
TEST(table, without_an_affinity_mask_there_is_none) {
    const twill::testing_support::child_end end = twill::testing_support::in_child([] {
        if (!twill::testing_support::refuse_call(SYS_sched_getaffinity)) {
            ::_exit(77);
        }
        std::string why;
        EXPECT_FALSE(topology::read_table({}, why));
        EXPECT_EQ(why, "the system does not tell the affinity mask of the calling thread");
        EXPECT_TRUE(topology::read_table({topology::source_kind::synthetic, "pu:2"}, why));
    });
    if (end.exited_with(77)) {
        GTEST_SKIP() << "this kernel takes no filter of system calls";
    }
    EXPECT_TRUE(end.exited_with(0)) << end.status << end.errors;
}

TEST(source, three_forms_and_nothing_else) {
    for (const char* value : {"machine", "synthetic:pu:2", "xml:a b.xml"}) {
        const auto from = topology::parse_source(value);
        ASSERT_TRUE(from) << value;
        EXPECT_EQ(topology::shown(*from), value);
    }
    for (const char* value : {"", "Machine", " machine", "machine:", "synthetic",
                              "synthetic:", "xml:", "xml", "pu:2", "file:a.xml", "XML:a.xml"}) {
        EXPECT_FALSE(topology::parse_source(value)) << value;
    }
}

} // namespace
