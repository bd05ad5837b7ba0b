// SPDX-License-Identifier: Apache-2.0
#include "topology/worker_count.hpp"

#include "support/child.hpp"
#include "support/control_group.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <limits>
#include <sched.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

namespace topology = twill::topology;
using twill::testing_support::child_end;
using twill::testing_support::control_group;
using twill::testing_support::expect_silent_success;
using twill::testing_support::in_child;

TEST(usable_cores, is_the_smaller_of_cpus_and_rounded_quota) {
    EXPECT_EQ(topology::usable_cores(8, 0), 8);
    EXPECT_EQ(topology::usable_cores(8, -1), 8);
    EXPECT_EQ(topology::usable_cores(8, 3), 3);
    EXPECT_EQ(topology::usable_cores(8, 2.01), 3);
    EXPECT_EQ(topology::usable_cores(8, 7.5), 8);
    EXPECT_EQ(topology::usable_cores(8, 8), 8);
    EXPECT_EQ(topology::usable_cores(8, 100), 8);
    EXPECT_EQ(topology::usable_cores(8, 0.01), 1);
    EXPECT_EQ(topology::usable_cores(8, 1e-300), 1);
}

TEST(usable_cores, stays_within_one_and_the_largest_number) {
    EXPECT_EQ(topology::usable_cores(0, 0), 1);
    EXPECT_EQ(topology::usable_cores(-4, 3), 1);
    EXPECT_EQ(topology::usable_cores(4096, 0), 4096);
    EXPECT_EQ(topology::usable_cores(5000, 0), 4096);
    EXPECT_EQ(topology::usable_cores(5000, 4999), 4096);
    EXPECT_EQ(topology::usable_cores(5000, 4095.5), 4096);
    EXPECT_EQ(topology::usable_cores(8, std::numeric_limits<double>::infinity()), 8);
    EXPECT_EQ(topology::usable_cores(8, std::numeric_limits<double>::quiet_NaN()), 8);
}

TEST(affinity_count, follows_the_mask_of_the_calling_thread) {
    cpu_set_t all;
    ASSERT_EQ(sched_getaffinity(0, sizeof all, &all), 0);
    errno = ENOTTY;
    EXPECT_EQ(topology::affinity_count(), CPU_COUNT(&all));
    EXPECT_EQ(errno, ENOTTY);
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
        if (CPU_ISSET(static_cast<unsigned>(cpu), &all)) {
            expect_silent_success([cpu] {
                cpu_set_t one;
                CPU_ZERO(&one);
                CPU_SET(static_cast<unsigned>(cpu), &one);
                ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
                EXPECT_EQ(topology::affinity_count(), 1);
                EXPECT_EQ(topology::core_count(), 1);
            });
        }
    }
}

/// A child of this process that sleeps, with a mask of its own.
class sleeper {
public:
    explicit sleeper(int cpu) : process_(::fork()) {
        if (process_ == 0) {
            for (;;) {
                ::pause();
            }
        }
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(static_cast<unsigned>(cpu), &one);
        EXPECT_EQ(sched_setaffinity(process_, sizeof one, &one), 0);
    }
    ~sleeper() {
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
    }
    sleeper(const sleeper&) = delete;
    sleeper& operator=(const sleeper&) = delete;
    [[nodiscard]] pid_t process() const { return process_; }

private:
    pid_t process_;
};

TEST(common_affinity_count, is_that_of_the_one_mask_that_all_have) {
    cpu_set_t all;
    ASSERT_EQ(sched_getaffinity(0, sizeof all, &all), 0);
    std::vector<int> cpus;
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
        if (CPU_ISSET(static_cast<unsigned>(cpu), &all)) {
            cpus.push_back(cpu);
        }
    }
    const pid_t self = ::getpid();
    const pid_t nobody = 0x3fffffff; // above the kernel's largest number
    const sleeper first(cpus.front());
    const sleeper again(cpus.front());
    const sleeper last(cpus.back());
    const auto count = [](std::vector<pid_t> threads) {
        errno = ENOTTY;
        const int found = topology::common_affinity_count(threads);
        EXPECT_EQ(errno, ENOTTY);
        return found;
    };
    EXPECT_EQ(count({}), 0);
    EXPECT_EQ(count({nobody}), 0);
    EXPECT_EQ(count({self, self}), static_cast<int>(cpus.size()));
    EXPECT_EQ(count({nobody, self, nobody}), static_cast<int>(cpus.size()));
    EXPECT_EQ(count({first.process(), again.process()}), 1);
    if (cpus.size() > 1) {
        EXPECT_EQ(count({first.process(), last.process()}), topology::max_workers);
        EXPECT_EQ(count({first.process(), self}), topology::max_workers);
    }
}

TEST(default_worker_count, is_what_may_be_used) {
    expect_silent_success([] {
        ::unsetenv("TWILL_WORKERS");
        EXPECT_EQ(topology::default_worker_count(topology::core_count()), topology::core_count());
        EXPECT_EQ(topology::core_count(),
                  topology::usable_cores(topology::affinity_count(), topology::cpu_quota()));
    });
}

TEST(default_worker_count, the_variable_is_over_mask_and_quota) {
    expect_silent_success([] {
        for (const int workers : {1, 3, 64, 4096}) {
            ::setenv("TWILL_WORKERS", std::to_string(workers).c_str(), 1);
            bool asked_for = false;
            EXPECT_EQ(topology::default_worker_count(topology::core_count(), &asked_for), workers);
            EXPECT_TRUE(asked_for);
        }
    });
    const child_end end = in_child([] {
        ::setenv("TWILL_WORKERS", "-1", 1);
        bool asked_for = true;
        EXPECT_EQ(topology::default_worker_count(topology::core_count(), &asked_for),
                  topology::core_count());
        EXPECT_FALSE(asked_for);
        EXPECT_EQ(topology::default_worker_count(topology::core_count()), topology::core_count());
    });
    EXPECT_TRUE(end.exited_with(0));
    EXPECT_EQ(end.errors, "TWILL_WORKERS: expected an integer from 1 to 4096, got \"-1\"; using " +
                              std::to_string(topology::core_count()) + "\n");
}

TEST(core_count, obeys_a_real_quota_of_an_ancestor) {
    const control_group group(0.5);
    const child_end end = in_child([&] {
        if (!group.enter()) {
            ::_exit(77);
        }
        EXPECT_EQ(topology::cpu_quota(), 0.5);
        EXPECT_EQ(topology::core_count(), 1);
        ASSERT_TRUE(group.set_quota(1.5));
        EXPECT_EQ(topology::cpu_quota(), 1.5);
        EXPECT_EQ(topology::core_count(), std::min(topology::affinity_count(), 2));
    });
    if (end.exited_with(77)) {
        GTEST_SKIP() << "this machine lets nobody make a control group with a quota";
    }
    EXPECT_TRUE(end.exited_with(0)) << end.status;
}

} // namespace
