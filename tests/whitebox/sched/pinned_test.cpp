// SPDX-License-Identifier: Apache-2.0
// Which threads are kept to groups of cores, and what the system refuses.
#include "sched/away.hpp"
#include "sched/pinned.hpp"
#include "support/child.hpp"
#include "support/refused_calls.hpp"
#include "topology/worker_count.hpp"

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
using twill::testing_support::expect_silent_success;
using twill::testing_support::in_child;
using twill::testing_support::refuse_call;

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
        topology::narrowed_mask mask;
        by.follow(0, 1, pinned, mask, "test");
        EXPECT_EQ(pinned.load(detail::relaxed), 1);
        EXPECT_EQ(topology::affinity_of(0), by.cpus_of(1));
        const std::uint32_t before = mask.version();
        EXPECT_EQ(before % 2, 0U);
        by.follow(0, 0, pinned, mask, "test");
        EXPECT_EQ(topology::affinity_of(0), by.cpus_of(0));
        EXPECT_TRUE(by.in_force());
        // Who has read the old domain, and looks now, is told nothing by the new mask.
        std::vector<int> which;
        const topology::pinning::pinned_thread seen{0, &mask, before, 1};
        EXPECT_EQ(by.cpus_left({&seen, 1}, "", which), -1);
        EXPECT_TRUE(by.in_force());
        // Somebody else's will from now on.
        ASSERT_EQ(topology::set_affinity(by.cpus_of(1)), 0);
        by.follow(0, 0, pinned, mask, "test");
        EXPECT_TRUE(by.in_force()); // it did not look
        by.follow(0, 1, pinned, mask, "test");
        EXPECT_FALSE(by.in_force());
        by.follow(0, 0, pinned, mask, "test");
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

} // namespace
