// SPDX-License-Identifier: Apache-2.0
// What others do to masks, quotas and cpusets while threads are kept to groups of cores.
#include "sched/pinned.hpp"
#include "support/child.hpp"
#include "support/eventually.hpp"
#include "support/folder.hpp"
#include "support/quota_of.hpp"
#include "topology/affinity.hpp"

#include <filesystem>
#include <sched.h>
#include <string>
#include <vector>

namespace {

using namespace twill::sched; // NOLINT(google-build-using-namespace)
namespace detail = twill::detail;
namespace topology = twill::topology;
using topology::pin_rule;
using twill::testing_support::eventually;
using twill::testing_support::expect_silent_success;
using twill::testing_support::folder;
using twill::testing_support::quota_of;

class pins_under_changes : public pins {
protected:
    /// Less than there are CPUs, but rounded up as many: all places stay in use.
    [[nodiscard]] std::string most_of_all() const {
        return std::to_string(cpus() * 100'000 - 50'000) + " 100000";
    }
};

void set_mask(pid_t thread, const std::vector<int>& cpus) {
    cpu_set_t mask;
    CPU_ZERO(&mask);
    for (const int cpu : cpus) {
        CPU_SET(static_cast<std::size_t>(cpu), &mask);
    }
    EXPECT_EQ(sched_setaffinity(thread, sizeof mask, &mask), 0);
}

/// What taskset -a does.
void set_masks(const std::vector<int>& cpus) {
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
        set_mask(std::stoi(entry.path().filename()), cpus);
    }
}

/// `before_each` comes before each of the verbs whose end may tell it.
template <class Before>
int active_when_told(scheduler& of, int expected, Before before_each) {
    visit guest(of);
    while (of.active() != expected) {
        before_each();
        fib(10);
        guest.again();
    }
    return of.active();
}

int active_when_told(scheduler& of, int expected) {
    return active_when_told(of, expected, [] {});
}

/// Until the masks of all threads are these and that is told: a thread that is made meanwhile has
/// what its creator had before, as it would beside taskset -a.
int active_under_masks(scheduler& of, const std::vector<int>& cpus) {
    set_masks(cpus);
    return active_when_told(of, static_cast<int>(cpus.size()), [&cpus] { set_masks(cpus); });
}

TEST_F(pins_under_changes, a_mask_that_shrinks_while_threads_are_kept_counts) {
    expect_silent_success([this] {
        const std::vector<int> all = topology::affinity_of(0);
        scheduler owner(pinned_options(cpus(), pin_rule::group));
        keep_and_look_often(owner);
        EXPECT_EQ(active_when_told(owner, cpus()), cpus());
        EXPECT_TRUE(scheduler_test::seats_of(owner)->kept_by()->in_force());
        // Another CPU than the one that some thread is kept to.
        const int domain = kept(owner).front()->pinned.load(detail::relaxed);
        EXPECT_EQ(active_under_masks(owner, {all[domain == 0 ? 1 : 0]}), 1);
        EXPECT_EQ(fib(12), 144);
        owner.shut_down();
    });
}

// Whoever is kept to no group sits where its mask lets it run, once that is known.
TEST_F(pins_under_changes, places_follow_a_mask_that_shrinks) {
    expect_silent_success([this] {
        const std::vector<int> all = topology::affinity_of(0);
        scheduler owner(pinned_options(cpus(), pin_rule::nobody));
        owner.learn(machine_);
        scheduler_test::set_look_period(owner, 0);
        on_all_places(owner, [](const thread_record& /*self*/) {});
        seating& places = *scheduler_test::seats_of(owner);
        thread_record& thread = *owner.table().add(owner, false);
        for (const int left : {1, 0, 1}) {
            EXPECT_EQ(active_under_masks(owner, {all[static_cast<std::size_t>(left)]}), 1);
            while (!places.allowed(left)) {
                const visit guest(owner);
            }
            for (int place = 0; place < cpus(); ++place) {
                EXPECT_EQ(places.allowed(place), place == left);
            }
            EXPECT_TRUE(eventually([&] { // who searched there may still have it
                return places.holder(left).load(detail::seq_cst) == nullptr;
            }));
            const int taken = scheduler_test::free_number(owner, thread);
            EXPECT_EQ(taken, left);
            scheduler_test::numbers(owner).put(taken);
            EXPECT_EQ(active_under_masks(owner, all), cpus());
            EXPECT_TRUE(places.allowed(1 - left));
        }
        owner.shut_down();
    });
}

TEST_F(pins_under_changes, a_quota_that_comes_lets_go_of_those_who_are_kept_by_themselves) {
    for (const pin_rule rule : {pin_rule::automatic, pin_rule::group}) {
        expect_silent_success([this, rule] {
            const quota_of machine;
            scheduler_options options = pinned_options(cpus(), rule);
            options.machine_root = machine.root();
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
            machine.set(most_of_all());
            scheduler_test::look_now(owner);
            EXPECT_TRUE(all_are_kept(rule == pin_rule::group));
            EXPECT_EQ(owner.active(), cpus());
            machine.set("max 100000");
            scheduler_test::look_now(owner);
            EXPECT_TRUE(all_are_kept(true));
            EXPECT_TRUE(scheduler_test::seats_of(owner)->kept_by()->in_force());
            owner.shut_down();
        });
    }
}

// Tasks that run from before the quota comes until after it has gone: their threads poll.
TEST_F(pins_under_changes, a_quota_lets_go_of_those_who_sit_for_long) {
    expect_silent_success([this] {
        const quota_of machine;
        scheduler_options options = pinned_options(cpus(), pin_rule::automatic);
        options.machine_root = machine.root();
        scheduler owner(options);
        owner.learn(machine_);
        const auto cpus_become = [&](std::size_t expected) {
            return eventually([&] {
                fib(12);
                return topology::affinity_of(0).size() == expected;
            });
        };
        detail::atomic<int> step{0};
        on_all_places(owner, [&](const thread_record& self) {
            EXPECT_TRUE(cpus_become(1));
            const int seat = self.seat.load(detail::relaxed);
            step.fetch_add(1, detail::seq_cst);
            if (step.load(detail::seq_cst) == owner.workers() - 1) {
                machine.set(most_of_all());
                scheduler_test::look_now(owner);
            }
            EXPECT_TRUE(cpus_become(machine_.machine.rows.size()));
            step.fetch_add(1, detail::seq_cst);
            if (step.load(detail::seq_cst) == 2 * (owner.workers() - 1)) {
                machine.set("max 100000");
                scheduler_test::look_now(owner);
            }
            EXPECT_TRUE(cpus_become(1));
            EXPECT_EQ(self.seat.load(detail::relaxed), seat);
        });
        EXPECT_TRUE(scheduler_test::seats_of(owner)->kept_by()->in_force());
        owner.shut_down();
    });
}

// Masks that hold no other CPUs tell nothing of a cpuset that takes those away.
TEST_F(pins_under_changes, a_cpuset_of_just_the_cpus_of_those_who_are_kept_counts) {
    for (const int version : {1, 2}) {
        expect_silent_success([this, version] {
            const std::vector<int> all = topology::affinity_of(0);
            const folder machine;
            machine.write("/proc/self/cgroup", version == 2 ? "0::/a/b\n" : "3:cpuset:/a/b\n");
            machine.write("/proc/self/mountinfo",
                          version == 2
                              ? "30 22 0:26 / /sys/fs/cgroup rw shared:9 - cgroup2 cgroup2 rw\n"
                              : "30 22 0:26 / /sys/fs/cgroup rw - cgroup cgroup rw,cpuset\n");
            scheduler_options options = pinned_options(cpus(), pin_rule::group);
            options.machine_root = machine.path().c_str();
            scheduler owner(options);
            keep_and_look_often(owner);
            const thread_record& one = *kept(owner).front();
            const int cpu = all[static_cast<std::size_t>(one.pinned.load(detail::relaxed))];
            const std::string file = version == 2 ? "/sys/fs/cgroup/a/cpuset.cpus.effective"
                                                  : "/sys/fs/cgroup/a/b/cpuset.effective_cpus";
            machine.write(file, std::to_string(cpu) + "\n");
            EXPECT_EQ(active_when_told(owner, 1), 1);
            const seating& places = *scheduler_test::seats_of(owner);
            for (int place = 0; place < cpus(); ++place) {
                EXPECT_EQ(places.allowed(place), all[static_cast<std::size_t>(place)] == cpu);
            }
            machine.write(file, std::to_string(all.front()) + "-" + std::to_string(all.back()));
            EXPECT_EQ(active_when_told(owner, cpus()), cpus());
            EXPECT_TRUE(scheduler_test::seats_of(owner)->kept_by()->in_force());
            owner.shut_down();
        });
    }
}

// The kernel gives those whose CPUs are all gone the whole cpuset, and once it grows their own mask
// again.
TEST_F(pins_under_changes, a_cpuset_that_moves_who_is_kept_and_grows_again_is_no_limit) {
    expect_silent_success([this] {
        const std::vector<int> all = topology::affinity_of(0);
        const folder machine;
        machine.write("/proc/self/cgroup", "0::/a\n");
        machine.write("/proc/self/mountinfo", "30 22 0:26 / /cgroup rw - cgroup2 cgroup2 rw\n");
        const std::string file = "/cgroup/a/cpuset.cpus.effective";
        scheduler_options options = pinned_options(cpus(), pin_rule::group);
        options.machine_root = machine.path().c_str();
        scheduler owner(options);
        keep_and_look_often(owner);
        const int domain = kept(owner).front()->pinned.load(detail::relaxed);
        const int left = all[domain == 0 ? 1 : 0];
        machine.write(file, std::to_string(left) + "\n");
        EXPECT_EQ(active_under_masks(owner, {left}), 1);
        EXPECT_TRUE(eventually([&owner] {
            const visit guest(owner);
            return !scheduler_test::seats_of(owner)->kept_by()->in_force();
        }));
        for (thread_record* const one : own_threads(owner)) {
            const int own = one->pinned.load(detail::relaxed);
            set_mask(one->account.kernel_thread(),
                     {all[static_cast<std::size_t>(own < 0 ? domain : own)]});
        }
        machine.write(file, std::to_string(all.front()) + "-" + std::to_string(all.back()) + "\n");
        set_mask(0, all);
        EXPECT_EQ(active_when_told(owner, cpus()), cpus());
        owner.shut_down();
    });
}

TEST_F(pins_under_changes, other_masks_than_were_set_are_left_alone) {
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
        EXPECT_EQ(active_under_masks(owner, all), cpus());
        EXPECT_EQ(active_under_masks(owner, {all[1]}), 1);
        owner.shut_down();
    });
}

} // namespace
