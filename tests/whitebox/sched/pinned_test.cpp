// SPDX-License-Identifier: Apache-2.0
// Threads that are kept to groups of cores, on the machine at hand as if each CPU had an L3 of its
// own; what the system refuses, and what others do to masks.
#include "sched/access.hpp"
#include "sched/away.hpp"
#include "support/child.hpp"
#include "support/eventually.hpp"
#include "support/folder.hpp"
#include "support/refused_calls.hpp"
#include "support/sanitizers.hpp"
#include "topology/affinity.hpp"
#include "topology/worker_count.hpp"
#include "topology/workers.hpp"
#include "twill/task_group.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <sched.h>
#include <string>
#include <sys/syscall.h>
#include <unistd.h>
#include <vector>

namespace {

using namespace twill::sched; // NOLINT(google-build-using-namespace)
namespace detail = twill::detail;
namespace topology = twill::topology;
using topology::pin_rule;
using twill::testing_support::child_end;
using twill::testing_support::eventually;
using twill::testing_support::expect_silent_success;
using twill::testing_support::folder;
using twill::testing_support::in_child;
using twill::testing_support::refuse_call;

/// A machine of the CPUs that this thread may use, each a group.
topology::worker_table apart() {
    topology::worker_table machine;
    for (const int cpu : topology::affinity_of(0)) {
        topology::table_row row;
        row.pu = cpu;
        row.core = row.l3 = row.node = static_cast<int>(machine.machine.rows.size());
        machine.machine.rows.push_back(row);
    }
    machine.workers = machine.machine.rows;
    return machine;
}

scheduler_options pinned_options(int workers, pin_rule pin) {
    scheduler_options options = with_workers(workers);
    options.pin = pin;
    options.follows_machine = true;
    return options;
}

/// Kept threads of the runtime.
std::vector<thread_record*> kept(scheduler& of) {
    std::vector<thread_record*> found;
    for (std::uint32_t id = 0; id < of.table().size(); ++id) {
        if (thread_record& one = of.table()[id]; one.pinned.load(detail::relaxed) >= 0) {
            found.push_back(&one);
        }
    }
    return found;
}

/// Runs until some thread of the runtime is kept to something.
void run_until_kept(scheduler& owner) {
    const visit guest(owner);
    while (kept(owner).empty()) {
        fib(10);
    }
}

class pins : public testing::Test {
protected:
    void SetUp() override {
        if (machine_.workers.size() < 2) {
            GTEST_SKIP() << "needs two CPUs";
        }
    }
    [[nodiscard]] int cpus() const { return static_cast<int>(machine_.machine.rows.size()); }

    /// Until threads are kept; from here on each verb looks at the machine.
    void keep_and_look_often(scheduler& owner) {
        owner.learn(machine_);
        scheduler_test::set_look_period(owner, 0);
        run_until_kept(owner);
    }

    topology::worker_table machine_ = apart();
};

TEST_F(pins, threads_run_where_they_sit_and_callers_where_they_like) {
    expect_silent_success([this] {
        const std::vector<int> before = topology::affinity_of(0);
        scheduler owner(pinned_options(cpus(), pin_rule::automatic));
        owner.learn(machine_);
        run_until_kept(owner);
        topology::pinning& by = *scheduler_test::seats_of(owner)->kept_by();
        for (thread_record* one : kept(owner)) {
            EXPECT_FALSE(one->guest);
            const int domain = one->pinned.load(detail::relaxed);
            ASSERT_EQ(by.cpus_of(domain).size(), 1u);
        }
        EXPECT_EQ(topology::affinity_of(0), before);
        EXPECT_TRUE(by.in_force());
        owner.shut_down();
    });
}

TEST_F(pins, not_by_themselves_under_a_quota_or_with_cpus_left_out) {
    machine_.quota = 1.5;
    scheduler with_quota(pinned_options(cpus(), pin_rule::automatic));
    with_quota.learn(machine_);
    ASSERT_NE(scheduler_test::seats_of(with_quota), nullptr);
    EXPECT_EQ(scheduler_test::seats_of(with_quota)->kept_by(), nullptr);
    scheduler asked(pinned_options(cpus(), pin_rule::group));
    asked.learn(machine_);
    EXPECT_NE(scheduler_test::seats_of(asked)->kept_by(), nullptr);
    machine_.quota = 0;
    machine_.machine.excluded.push_back({});
    scheduler restricted(pinned_options(cpus(), pin_rule::automatic));
    restricted.learn(machine_);
    EXPECT_EQ(scheduler_test::seats_of(restricted)->kept_by(), nullptr);
    scheduler_options given = pinned_options(cpus(), pin_rule::automatic);
    given.cores = topology::affinity_of(0);
    machine_.machine.excluded.clear();
    scheduler with_cores(given);
    with_cores.learn(machine_);
    EXPECT_EQ(scheduler_test::seats_of(with_cores)->kept_by(), nullptr);
}

TEST_F(pins, a_mask_is_set_when_the_domain_changes_and_not_otherwise) {
    expect_silent_success([this] {
        topology::pinning by(machine_.workers, machine_.machine.rows, false, false);
        detail::atomic<std::int32_t> pinned{-1};
        by.follow(0, 1, pinned, "test");
        EXPECT_EQ(pinned.load(detail::relaxed), 1);
        EXPECT_EQ(topology::affinity_of(0), by.cpus_of(1));
        by.follow(0, 0, pinned, "test");
        EXPECT_EQ(topology::affinity_of(0), by.cpus_of(0));
        EXPECT_TRUE(by.in_force());
        // Somebody else's will from now on.
        ASSERT_EQ(topology::set_affinity(by.cpus_of(1)), 0);
        by.follow(0, 0, pinned, "test");
        EXPECT_TRUE(by.in_force()); // it did not look
        by.follow(0, 1, pinned, "test");
        EXPECT_FALSE(by.in_force());
        by.follow(0, 0, pinned, "test");
        EXPECT_EQ(topology::affinity_of(0), by.cpus_of(1));
        EXPECT_TRUE(by.binds().empty());
    });
}

TEST_F(pins, a_refusal_is_one_line_and_no_error) {
    const child_end end = in_child([this] {
        if (!refuse_call(SYS_sched_setaffinity)) {
            ::_exit(77);
        }
        scheduler owner(pinned_options(cpus(), pin_rule::group));
        owner.learn(machine_);
        {
            const visit guest(owner);
            while (scheduler_test::seats_of(owner)->kept_by()->in_force()) {
                EXPECT_EQ(fib(10), 55);
            }
            for (int k = 0; k < 20; ++k) {
                EXPECT_EQ(fib(14), 377);
            }
        }
        EXPECT_TRUE(kept(owner).empty());
        owner.shut_down();
    });
    if (end.exited_with(77)) {
        GTEST_SKIP() << "this kernel takes no filter of system calls";
    }
    EXPECT_TRUE(end.exited_with(0)) << end.status;
    EXPECT_EQ(end.errors, "twill: threads are not kept to their cores (Operation not permitted); "
                          "they run anywhere\n");
}

/// As many tasks as there are places, all at the same time, and `look` on the threads of the
/// runtime among those that run them.
template <class Look>
void on_all_places(scheduler& owner, Look look) {
    detail::atomic<int> begun{0};
    const auto meet = [&] {
        begun.fetch_add(1, detail::seq_cst);
        while (begun.load(detail::seq_cst) < owner.workers()) {
            detail::yield_slice();
        }
        const auto& self = *static_cast<thread_record*>(detail::hot().thread);
        if (&self.owner == &owner && !self.guest) {
            look(self);
        }
    };
    const visit guest(owner);
    twill::task_group group;
    for (int k = 1; k < owner.workers(); ++k) {
        group.run(meet);
    }
    meet();
    group.wait();
}

// Each thread is made by one that is kept to a group already; of three in a row that sit on places
// of two groups, some one sits in another group than its creator.
TEST_F(pins, threads_that_are_made_under_pins_sit_in_any_group) {
    expect_silent_success([this] {
        machine_.workers.insert(machine_.workers.end(), machine_.machine.rows.begin(),
                                machine_.machine.rows.end());
        const auto places = static_cast<int>(machine_.workers.size());
        scheduler owner(pinned_options(places, pin_rule::group));
        owner.learn(machine_);
        topology::pinning& by = *scheduler_test::seats_of(owner)->kept_by();
        for (int round = 0; round < 3; ++round) {
            detail::atomic<int> looked{0};
            on_all_places(owner, [&](const thread_record& self) {
                const int place = self.seat.load(detail::relaxed);
                EXPECT_EQ(self.pinned.load(detail::relaxed), by.domain_of(place));
                EXPECT_EQ(topology::affinity_of(0), by.cpus_of(by.domain_of(place)));
                looked.fetch_add(1, detail::relaxed);
            });
            EXPECT_EQ(looked.load(detail::relaxed), places - 1);
        }
        EXPECT_TRUE(by.in_force());
        scheduler_test::look_now(owner);
        EXPECT_EQ(owner.active(), cpus());
        owner.shut_down();
    });
}

// A task of a runtime whose threads are kept somewhere is a guest of another runtime.
TEST_F(pins, other_runtimes_see_nothing_of_them) {
    expect_silent_success([this] {
        const int all = cpus();
        scheduler owner(pinned_options(all, pin_rule::group));
        owner.learn(machine_);
        on_all_places(owner, [all](const thread_record& /*self*/) {
            EXPECT_EQ(topology::affinity_of(0).size(), 1u);
            EXPECT_EQ(topology::affinity_count(), all);
            scheduler other(with_workers(2));
            const away elsewhere;
            {
                const visit guest(other);
                detail::atomic<bool> seen{false};
                twill::task_group group;
                group.run([&] {
                    EXPECT_EQ(static_cast<int>(topology::affinity_of(0).size()), all);
                    seen.store(true, detail::release);
                });
                while (!seen.load(detail::acquire)) {
                    detail::yield_slice();
                }
                group.wait();
            }
            other.shut_down();
        });
        owner.shut_down();
    });
}

/// What taskset -a does.
void set_masks(const std::vector<int>& cpus) {
    cpu_set_t mask;
    CPU_ZERO(&mask);
    for (const int cpu : cpus) {
        CPU_SET(static_cast<std::size_t>(cpu), &mask);
    }
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
        EXPECT_EQ(sched_setaffinity(std::stoi(entry.path().filename()), sizeof mask, &mask), 0);
    }
}

int active_when_told(scheduler& of, int expected) {
    visit guest(of);
    while (of.active() != expected) {
        fib(10);
        guest.again();
    }
    return of.active();
}

TEST_F(pins, a_mask_that_shrinks_while_threads_are_kept_counts) {
    expect_silent_success([this] {
        const std::vector<int> all = topology::affinity_of(0);
        scheduler owner(pinned_options(cpus(), pin_rule::group));
        keep_and_look_often(owner);
        EXPECT_EQ(active_when_told(owner, cpus()), cpus());
        EXPECT_TRUE(scheduler_test::seats_of(owner)->kept_by()->in_force());
        // Another CPU than the one that some thread is kept to.
        const int domain = kept(owner).front()->pinned.load(detail::relaxed);
        set_masks({all[domain == 0 ? 1 : 0]});
        EXPECT_EQ(active_when_told(owner, 1), 1);
        EXPECT_EQ(fib(12), 144);
        owner.shut_down();
    });
}

// Whoever is kept to no group sits where its mask lets it run, once that is known.
TEST_F(pins, places_follow_a_mask_that_shrinks) {
    expect_silent_success([this] {
        const std::vector<int> all = topology::affinity_of(0);
        scheduler owner(pinned_options(cpus(), pin_rule::nobody));
        owner.learn(machine_);
        scheduler_test::set_look_period(owner, 0);
        on_all_places(owner, [](const thread_record& /*self*/) {});
        seating& places = *scheduler_test::seats_of(owner);
        thread_record& thread = *owner.table().add(owner, false);
        for (const int left : {1, 0, 1}) {
            set_masks({all[static_cast<std::size_t>(left)]});
            EXPECT_EQ(active_when_told(owner, 1), 1);
            while (!places.allowed(left)) {
                const visit guest(owner);
            }
            for (int place = 0; place < cpus(); ++place) {
                EXPECT_EQ(places.allowed(place), place == left);
            }
            const int taken = scheduler_test::free_number(owner, thread);
            EXPECT_EQ(taken, left);
            scheduler_test::numbers(owner).put(taken);
            set_masks(all);
            EXPECT_EQ(active_when_told(owner, cpus()), cpus());
            EXPECT_TRUE(places.allowed(1 - left));
        }
        owner.shut_down();
    });
}

TEST_F(pins, a_quota_that_comes_lets_go_of_those_who_are_kept_by_themselves) {
    for (const pin_rule rule : {pin_rule::automatic, pin_rule::group}) {
        expect_silent_success([this, rule] {
            const folder machine;
            machine.write("/proc/self/cgroup", "0::/\n");
            machine.write("/proc/self/mountinfo",
                          "30 22 0:26 / /sys/fs/cgroup rw shared:9 - cgroup2 cgroup2 rw\n");
            scheduler_options options = pinned_options(cpus(), rule);
            options.machine_root = machine.path().c_str();
            scheduler owner(options);
            owner.learn(machine_);
            scheduler_test::idle_spin(owner) = 0; // each time they sit down anew
            const auto all_are_kept = [&](bool kept) {
                return eventually([&] {
                    detail::atomic<bool> all_alike{true};
                    on_all_places(owner, [&](const thread_record& self) {
                        const std::size_t expected = kept ? 1 : machine_.machine.rows.size();
                        if (topology::affinity_of(0).size() != expected ||
                            (self.pinned.load(detail::relaxed) >= 0) != kept) {
                            all_alike.store(false, detail::relaxed);
                        }
                    });
                    return all_alike.load(detail::relaxed);
                });
            };
            EXPECT_TRUE(all_are_kept(true));
            // Less than there are CPUs, but rounded up as many: all places stay in use.
            machine.write("/sys/fs/cgroup/cpu.max",
                          std::to_string(cpus() * 100'000 - 50'000) + " 100000");
            scheduler_test::look_now(owner);
            EXPECT_TRUE(all_are_kept(rule == pin_rule::group));
            EXPECT_EQ(owner.active(), cpus());
            machine.write("/sys/fs/cgroup/cpu.max", "max 100000");
            scheduler_test::look_now(owner);
            EXPECT_TRUE(all_are_kept(true));
            EXPECT_TRUE(scheduler_test::seats_of(owner)->kept_by()->in_force());
            owner.shut_down();
        });
    }
}

TEST_F(pins, other_masks_than_were_set_are_left_alone) {
    expect_silent_success([this] {
        const std::vector<int> all = topology::affinity_of(0);
        scheduler owner(pinned_options(cpus(), pin_rule::group));
        keep_and_look_often(owner);
        {
            const visit guest(owner);
            while (scheduler_test::seats_of(owner)->kept_by()->in_force()) {
                set_masks(all);
                fib(10);
            }
        }
        set_masks(all);
        EXPECT_EQ(active_when_told(owner, cpus()), cpus());
        set_masks({all[1]});
        EXPECT_EQ(active_when_told(owner, 1), 1);
        owner.shut_down();
    });
}

} // namespace
