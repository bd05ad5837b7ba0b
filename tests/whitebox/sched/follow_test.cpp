// SPDX-License-Identifier: Apache-2.0
// Schedulers that follow the machine: a quota from made-up and from real control groups, and the
// mask of their own threads.
#include "sched/access.hpp"
#include "support/child.hpp"
#include "support/control_group.hpp"
#include "support/quota_of.hpp"
#include "topology/worker_count.hpp"
#include "twill/parallel_invoke.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sched.h>
#include <unistd.h>

namespace {

using namespace twill::sched; // NOLINT(google-build-using-namespace)
namespace detail = twill::detail;
namespace topology = twill::topology;
using twill::testing_support::child_end;
using twill::testing_support::control_group;
using twill::testing_support::in_child;
using twill::testing_support::quota_of;

constexpr std::uint64_t far = std::uint64_t{1} << 60;

scheduler_options following(int at_least, const char* root = "") {
    scheduler_options options;
    options.workers = 8;
    options.awake = 8;
    options.follows_machine = true;
    options.awake_at_least = at_least;
    options.machine_root = root;
    options.stack_size = std::size_t{1} << 20;
    return options;
}

int active_after_a_verb(scheduler& of) {
    {
        const visit guest(of);
    }
    return of.active();
}

TEST(follow, the_quota_at_the_next_entry) {
    const quota_of machine;
    scheduler owner(following(1, machine.root()));
    scheduler_test::set_look_period(owner, 0);
    const int cpus = std::min(8, topology::affinity_count());
    EXPECT_EQ(active_after_a_verb(owner), cpus);
    machine.set("50000 100000");
    EXPECT_EQ(active_after_a_verb(owner), 1);
    EXPECT_EQ(owner.counts().free, 1);
    EXPECT_EQ(owner.load_source().awake_limit(), 1);
    machine.set("150000 100000");
    EXPECT_EQ(active_after_a_verb(owner), std::min(cpus, 2));
    machine.set("max 100000");
    EXPECT_EQ(active_after_a_verb(owner), cpus);
    EXPECT_EQ(owner.workers(), 8);
    owner.shut_down();
}

TEST(follow, no_more_often_than_once_a_period) {
    const quota_of machine;
    scheduler owner(following(1, machine.root()));
    scheduler_test::set_look_period(owner, far);
    machine.set("50000 100000");
    EXPECT_EQ(active_after_a_verb(owner), 8);
    owner.shut_down();
}

TEST(follow, down_to_two_where_the_number_was_asked_for) {
    const quota_of machine;
    machine.set("50000 100000");
    scheduler owner(following(2, machine.root()));
    scheduler_test::set_look_period(owner, 0);
    EXPECT_EQ(active_after_a_verb(owner), 2);
    owner.shut_down();
}

TEST(follow, the_smaller_of_what_is_asked_and_what_is_allowed) {
    const quota_of machine;
    machine.set("100000 100000");
    scheduler owner(following(1, machine.root()));
    scheduler_test::set_look_period(owner, far);
    EXPECT_EQ(owner.set_active(2), 1); // looks at once
    machine.set("800000 100000");
    EXPECT_EQ(owner.set_active(1), 1);
    scheduler_test::set_look_period(owner, 0);
    EXPECT_EQ(active_after_a_verb(owner), 1);
    EXPECT_EQ(owner.set_active(8), std::min(8, topology::affinity_count()));
    owner.shut_down();
}

TEST(follow, at_the_end_of_a_stolen_task) {
    const quota_of machine;
    scheduler_options options = following(2, machine.root());
    scheduler owner(options);
    scheduler_test::set_look_period(owner, far);
    {
        const visit guest(owner);
        machine.set("50000 100000");
        scheduler_test::set_look_period(owner, 0);
        while (owner.active() != 2) { // and nobody enters
            twill::parallel_invoke([] { detail::yield_slice(); }, [] {});
        }
    }
    owner.shut_down();
}

/// The second one runs on a thread of the scheduler's.
void be_stolen_from() {
    detail::atomic<std::uint32_t> begun{0};
    twill::parallel_invoke(
        [&begun] {
            while (begun.load(detail::acquire) == 0) {
                twill::parallel_invoke([] {}, [] {});
            }
        },
        [&begun] { begun.store(1, detail::release); });
}

// Nobody ends a root, and nobody enters.
TEST(follow, inside_one_long_verb) {
    if (topology::affinity_count() < 2) {
        GTEST_SKIP() << "needs two CPUs";
    }
    const quota_of machine;
    scheduler owner(following(1, machine.root()));
    scheduler_test::set_look_period(owner, 100'000);
    {
        const visit guest(owner);
        const auto fork_until = [&](int limit) {
            while (owner.active() != limit) {
                twill::parallel_invoke([] { detail::yield_slice(); }, [] {});
            }
        };
        for (int round = 0; round < 3; ++round) {
            machine.set("50000 100000");
            fork_until(1);
            machine.set("200000 100000");
            fork_until(2);
            be_stolen_from();
        }
    }
    owner.shut_down();
}

// Two places that both have enough to do.
TEST(follow, a_raise_while_nobody_steals) {
    if (topology::affinity_count() < 2) {
        GTEST_SKIP() << "needs two CPUs";
    }
    const quota_of machine;
    machine.set("200000 100000");
    scheduler owner(following(1, machine.root()));
    scheduler_test::set_look_period(owner, 100'000);
    {
        const visit guest(owner);
        be_stolen_from();
        machine.set("100000 100000");
        scheduler_test::look_now(owner); // and calls for a watcher
        while (!scheduler_test::is_watched(owner)) {
            detail::yield_slice();
        }
        machine.set("200000 100000");
        const auto wait_for_two = [&] {
            while (owner.active() != 2) { // runs nothing and ends nothing
                detail::yield_slice();
            }
        };
        twill::parallel_invoke(wait_for_two, wait_for_two);
    }
    owner.shut_down();
}

// A watcher has left because nothing ran: the next verb, however soon, has one again.
TEST(follow, again_after_an_idle_moment) {
    if (topology::affinity_count() < 2) {
        GTEST_SKIP() << "needs two CPUs";
    }
    const quota_of machine;
    machine.set("200000 100000");
    scheduler owner(following(1, machine.root()));
    scheduler_test::set_look_period(owner, 100'000);
    {
        const visit guest(owner);
        be_stolen_from();
    }
    for (int round = 0; round < 3; ++round) {
        machine.set("50000 100000");
        do {
            const visit guest(owner);
            twill::parallel_invoke([] { detail::yield_slice(); }, [] {});
        } while (!scheduler_test::is_watched(owner));
        while (scheduler_test::is_watched(owner)) {
            detail::yield_slice();
        }
        const visit guest(owner);
        machine.set("200000 100000");
        while (owner.active() != 2) {
            twill::parallel_invoke([] { detail::yield_slice(); }, [] {});
        }
    }
    owner.shut_down();
}

TEST(follow, a_watcher_ends_at_once) {
    const quota_of machine;
    machine.set("50000 100000");
    scheduler owner(following(1, machine.root()));
    scheduler_test::set_look_period(owner, far);
    {
        const visit guest(owner);
        while (!scheduler_test::is_watched(owner)) {
            twill::parallel_invoke([] {}, [] {});
            scheduler_test::look_now(owner);
        }
    }
    owner.shut_down();
}

TEST(follow, a_real_quota) {
    const control_group group(0.5);
    const child_end end = in_child([&] {
        if (!group.enter()) {
            ::_exit(77);
        }
        scheduler owner(following(1));
        scheduler_test::set_look_period(owner, 0);
        EXPECT_EQ(active_after_a_verb(owner), 1);
        ASSERT_TRUE(group.set_quota(1.5));
        EXPECT_EQ(active_after_a_verb(owner), std::min(topology::affinity_count(), 2));
        owner.shut_down();
    });
    if (end.exited_with(77)) {
        GTEST_SKIP() << "this machine lets nobody make a control group with a quota";
    }
    EXPECT_TRUE(end.exited_with(0)) << end.status << end.errors;
}

/// Runs the calling thread on one CPU until the end of the scope.
class pinned {
public:
    pinned() {
        sched_getaffinity(0, sizeof before_, &before_);
        unsigned cpu = 0;
        while (!CPU_ISSET(cpu, &before_)) {
            ++cpu;
        }
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(cpu, &one);
        EXPECT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
    }
    ~pinned() { sched_setaffinity(0, sizeof before_, &before_); }
    pinned(const pinned&) = delete;
    pinned& operator=(const pinned&) = delete;

private:
    cpu_set_t before_{};
};

TEST(follow, the_mask_of_the_threads_and_not_of_a_caller) {
    if (topology::affinity_count() < 2) {
        GTEST_SKIP() << "needs two CPUs";
    }
    const quota_of machine;
    scheduler owner(following(1, machine.root()));
    scheduler_test::set_look_period(owner, 0);
    const int cpus = std::min(8, topology::affinity_count());
    {
        const pinned caller; // there is no thread yet
        EXPECT_EQ(active_after_a_verb(owner), 1);
    }
    EXPECT_EQ(active_after_a_verb(owner), cpus);
    {
        const visit guest(owner);
        be_stolen_from();
    }
    const pinned caller;
    for (int k = 0; k < 10; ++k) {
        EXPECT_EQ(active_after_a_verb(owner), cpus);
    }
    owner.shut_down();
}

TEST(follow, a_scheduler_that_does_not_stays_as_it_was_made) {
    const quota_of machine;
    machine.set("50000 100000");
    scheduler_options options = following(1, machine.root());
    options.follows_machine = false;
    scheduler owner(options);
    scheduler_test::set_look_period(owner, 0);
    EXPECT_EQ(active_after_a_verb(owner), 8);
    owner.shut_down();
}

} // namespace
