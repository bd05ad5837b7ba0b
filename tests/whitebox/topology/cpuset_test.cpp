// SPDX-License-Identifier: Apache-2.0
// Cpusets: made-up ones that hwloc reads below another root, and real ones where the machine lets a
// test make them.
#include "sched/access.hpp"
#include "sched/pinned.hpp"
#include "support/child.hpp"
#include "support/control_group.hpp"
#include "support/eventually.hpp"
#include "support/folder.hpp"
#include "topology/affinity.hpp"
#include "topology/cpuset.hpp"
#include "topology/table.hpp"
#include "topology/worker_count.hpp"
#include "topology/workers.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

using namespace twill::sched; // NOLINT(google-build-using-namespace)
namespace detail = twill::detail;
namespace topology = twill::topology;
using topology::table_row;
using twill::testing_support::child_end;
using twill::testing_support::cpuset_group;
using twill::testing_support::eventually;
using twill::testing_support::expect_silent_success;
using twill::testing_support::folder;
using twill::testing_support::in_child;

std::vector<int> pus(const std::vector<table_row>& rows) {
    std::vector<int> found;
    for (const table_row& row : rows) {
        found.push_back(row.pu);
    }
    std::ranges::sort(found);
    return found;
}

/// The files of a machine of eight cores, four on each of two nodes.
class made_up_machine : public folder {
public:
    made_up_machine() {
        for (int cpu = 0; cpu < 8; ++cpu) {
            const std::string at =
                "/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/";
            std::ostringstream own;
            own << std::hex << (1 << cpu) << "\n";
            for (const char* file : {"thread_siblings", "core_cpus"}) {
                write(at + file, own.str());
            }
            for (const char* file : {"core_siblings", "package_cpus"}) {
                write(at + file, "ff\n");
            }
            write(at + "core_id", std::to_string(cpu) + "\n");
            write(at + "physical_package_id", "0\n");
        }
        for (const char* file : {"online", "possible", "present"}) {
            write(std::string("/sys/devices/system/cpu/") + file, "0-7\n");
        }
        for (int node = 0; node < 2; ++node) {
            const std::string at = "/sys/devices/system/node/node" + std::to_string(node);
            write(at + "/cpumap", node == 0 ? "0f\n" : "f0\n");
            write(at + "/distance", node == 0 ? "10 20\n" : "20 10\n");
            write(at + "/meminfo", "Node " + std::to_string(node) + " MemTotal: 1000000 kB\n");
        }
        write("/sys/devices/system/node/online", "0-1\n");
        write("/proc/cpuinfo", "processor\t: 0\n");
    }
};

void expect_four_of_eight(const made_up_machine& machine) {
    expect_silent_success([&machine] {
        ::setenv("HWLOC_FSROOT", machine.path().c_str(), 1);
        std::string why;
        const auto read = topology::read_table({}, why);
        ASSERT_TRUE(read) << why;
        EXPECT_EQ(pus(read->rows), (std::vector<int>{2, 3, 4, 5}));
        EXPECT_EQ(pus(read->excluded), (std::vector<int>{0, 1, 6, 7}));
        for (const table_row& row : read->rows) {
            EXPECT_EQ(row.node, row.pu / 4);
        }
        const auto learned = topology::workers_on_machine(6, {});
        ASSERT_TRUE(learned);
        EXPECT_EQ(pus(learned->workers), (std::vector<int>{2, 2, 3, 3, 4, 5}));
        // In a part of a machine nobody is kept to a group unasked.
        scheduler_options options = with_workers(6);
        scheduler unasked(options);
        unasked.learn(*learned);
        ASSERT_NE(scheduler_test::seats_of(unasked), nullptr);
        EXPECT_EQ(scheduler_test::seats_of(unasked)->kept_by(), nullptr);
        options.pin = topology::pin_rule::group;
        scheduler asked(options);
        asked.learn(*learned);
        topology::pinning* const kept = scheduler_test::seats_of(asked)->kept_by();
        ASSERT_NE(kept, nullptr);
        for (int place = 0; place < 6; ++place) {
            const bool first = learned->workers[static_cast<std::size_t>(place)].node == 0;
            EXPECT_EQ(kept->cpus_of(kept->domain_of(place)),
                      (first ? std::vector<int>{2, 3} : std::vector<int>{4, 5}));
        }
        unasked.shut_down();
        asked.shut_down();
    });
}

TEST(cpuset, version_two_of_a_made_up_machine) {
    const made_up_machine machine;
    machine.write("/proc/mounts", "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n");
    machine.write("/proc/self/cgroup", "0::/a/b\n");
    machine.write("/sys/fs/cgroup/cgroup.controllers", "cpuset cpu\n");
    machine.write("/sys/fs/cgroup/a/b/cpuset.cpus.effective", "2-5\n");
    machine.write("/sys/fs/cgroup/a/b/cpuset.mems.effective", "0-1\n");
    expect_four_of_eight(machine);
}

TEST(cpuset, version_one_of_a_made_up_machine) {
    const made_up_machine machine;
    machine.write("/proc/mounts", "cgroup /sys/fs/cgroup/cpuset cgroup rw,cpuset 0 0\n");
    machine.write("/proc/self/cgroup", "3:cpuset:/a/b\n");
    machine.write("/sys/fs/cgroup/cpuset/a/b/cpuset.cpus", "2-5\n");
    machine.write("/sys/fs/cgroup/cpuset/a/b/cpuset.mems", "0-1\n");
    expect_four_of_eight(machine);
}

/// What is read of a list in a file of version 2.
std::vector<int> read_list(const std::string& list) {
    const folder machine;
    machine.write("/proc/self/cgroup", "0::/a\n");
    machine.write("/proc/self/mountinfo", "30 22 0:26 / /cgroup rw - cgroup2 cgroup2 rw\n");
    machine.write("/cgroup/a/cpuset.cpus.effective", list);
    return topology::cpuset_cpus(machine.path().c_str());
}

TEST(cpuset, lists_are_read_and_strange_ones_are_none) {
    EXPECT_EQ(read_list("0-3,8,10-11\n"), (std::vector<int>{0, 1, 2, 3, 8, 10, 11}));
    EXPECT_EQ(read_list("5"), (std::vector<int>{5}));
    for (const char* strange : {"", "\n", "-", "1-", "-1", "3-1", "1,,2", "2,1", "1-2,2", "a",
                                "1 2", "0x1", "0-99999999", "99999999999999999999"}) {
        EXPECT_EQ(read_list(strange), std::vector<int>()) << strange;
    }
    EXPECT_EQ(topology::cpuset_cpus("/no/such/place"), std::vector<int>());
}

TEST(cpuset, the_nearest_group_with_the_file_counts) {
    const folder machine;
    machine.write("/proc/self/cgroup", "4:cpu:/x\n3:cpuset:/a/b\n");
    machine.write("/proc/self/mountinfo",
                  "33 22 0:29 / /cgroup/cpu rw - cgroup cgroup rw,cpu\n"
                  "32 22 0:28 / /cgroup/cpuset rw - cgroup cgroup rw,cpuset\n");
    machine.write("/cgroup/cpu/x/cpuset.cpus", "9\n");
    const char* const root = machine.path().c_str();
    EXPECT_EQ(topology::cpuset_cpus(root), std::vector<int>());
    machine.write("/cgroup/cpuset/cpuset.cpus", "0-7\n");
    EXPECT_EQ(topology::cpuset_cpus(root).size(), 8u);
    machine.write("/cgroup/cpuset/a/cpuset.cpus", "1-2\n");
    EXPECT_EQ(topology::cpuset_cpus(root), (std::vector<int>{1, 2}));
    machine.write("/cgroup/cpuset/a/cpuset.effective_cpus", "2\n");
    EXPECT_EQ(topology::cpuset_cpus(root), (std::vector<int>{2}));
}

constexpr int no_cpuset = 77;

/// Runs `body(group, its CPUs)` in a child that is in a cpuset of its own.
template <class Body>
void in_cpuset(Body body) {
    const std::vector<int> cpus = topology::affinity_of(0);
    if (cpus.size() < 2) {
        GTEST_SKIP() << "needs two CPUs";
    }
    const cpuset_group group(cpus);
    const child_end end = in_child([&] {
        if (!group.enter()) {
            ::_exit(no_cpuset);
        }
        body(group, cpus);
    });
    if (end.exited_with(no_cpuset)) {
        GTEST_SKIP() << "this machine lets nobody make a cpuset";
    }
    EXPECT_TRUE(end.exited_with(0)) << end.status << end.errors;
}

TEST(cpuset, a_real_one_is_all_that_there_is) {
    in_cpuset([](const cpuset_group& group, const std::vector<int>& cpus) {
        for (const char* name : {"TWILL_WORKERS", "TWILL_TOPOLOGY", "TWILL_PLACES"}) {
            ::unsetenv(name);
        }
        const std::vector<int> last{cpus.back()};
        ASSERT_TRUE(group.set(last));
        ASSERT_EQ(topology::affinity_of(0), last);
        EXPECT_EQ(topology::core_count(), 1);
        const topology::worker_table found = topology::workers_from_environment();
        EXPECT_EQ(pus(found.machine.rows), last);
        EXPECT_EQ(pus(found.workers), last);
        EXPECT_EQ(found.machine.excluded.size(), cpus.size() - 1);
    });
}

/// Are the masks of all threads of this process within these CPUs?
bool all_are_within(const std::vector<int>& cpus) {
    return std::ranges::all_of(
        std::filesystem::directory_iterator("/proc/self/task"), [&cpus](const auto& entry) {
            return std::ranges::includes(cpus,
                                         topology::affinity_of(std::stoi(entry.path().filename())));
        });
}

/// Visits, and gives its threads something to do, until `condition` holds.
template <class Condition>
bool comes_to(scheduler& of, Condition condition) {
    return eventually([&] {
        const visit guest(of);
        fib(12);
        return condition();
    });
}

struct shrinking {
    topology::pin_rule rule;
    bool first_to_the_kept; ///< first only the CPU is left to which some thread is kept already
};

// Threads that are kept to a CPU of their own, and those that are not.
TEST(cpuset, a_real_one_shrinks_and_grows_while_threads_run) {
    using topology::pin_rule;
    for (const auto [rule, first_to_the_kept] :
         {shrinking{pin_rule::nobody, false}, shrinking{pin_rule::group, false},
          shrinking{pin_rule::group, true}}) {
        in_cpuset(
            [rule, first_to_the_kept](const cpuset_group& group, const std::vector<int>& cpus) {
                const auto all = static_cast<int>(cpus.size());
                scheduler owner(pinned_options(all, rule));
                owner.learn(apart());
                scheduler_test::set_look_period(owner, 0);
                seating& places = *scheduler_test::seats_of(owner);
                const auto allows = [&](int count, int left, int gone) {
                    return owner.active() == count && places.allowed(left) &&
                           places.allowed(gone) == (count > 1);
                };
                EXPECT_TRUE(comes_to(owner, [&] { return !own_threads(owner).empty(); }));
                int own = 0; // to which CPU some thread is kept, by its number here
                if (rule == pin_rule::group) {
                    ASSERT_TRUE(comes_to(owner, [&] { return !kept(owner).empty(); }));
                    own = kept(owner).front()->pinned.load(detail::relaxed);
                }
                const int other = own == 0 ? 1 : 0;
                std::vector<std::pair<int, int>> steps{{other, own}, {own, other}};
                if (first_to_the_kept) {
                    std::ranges::reverse(steps);
                }
                for (const auto& [left, gone] : steps) {
                    EXPECT_TRUE(comes_to(owner, [&] { return allows(all, left, gone); }));
                    const std::vector<int> one{cpus[static_cast<std::size_t>(left)]};
                    ASSERT_TRUE(group.set(one));
                    EXPECT_TRUE(comes_to(owner, [&] { return allows(1, left, gone); }));
                    EXPECT_TRUE(all_are_within(one));
                    ASSERT_TRUE(group.set(cpus));
                    EXPECT_TRUE(comes_to(owner, [&] { return allows(all, left, gone); }));
                    EXPECT_TRUE(all_are_within(cpus));
                }
                owner.shut_down();
            });
    }
}

} // namespace
