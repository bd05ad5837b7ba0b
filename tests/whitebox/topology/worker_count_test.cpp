// SPDX-License-Identifier: Apache-2.0
#include "topology/worker_count.hpp"

#include "support/child.hpp"

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <sched.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace {

namespace topology = twill::topology;
using twill::testing_support::child_end;
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

TEST(default_worker_count, is_what_may_be_used) {
    expect_silent_success([] {
        ::unsetenv("TWILL_WORKERS");
        EXPECT_EQ(topology::default_worker_count(), topology::core_count());
        EXPECT_EQ(topology::core_count(),
                  topology::usable_cores(topology::affinity_count(), topology::cpu_quota()));
    });
}

TEST(default_worker_count, the_variable_is_over_mask_and_quota) {
    expect_silent_success([] {
        for (const int workers : {1, 3, 64, 4096}) {
            ::setenv("TWILL_WORKERS", std::to_string(workers).c_str(), 1);
            EXPECT_EQ(topology::default_worker_count(), workers);
        }
    });
    const child_end end = in_child([] {
        ::setenv("TWILL_WORKERS", "-1", 1);
        EXPECT_EQ(topology::default_worker_count(), topology::core_count());
        EXPECT_EQ(topology::default_worker_count(), topology::core_count());
    });
    EXPECT_TRUE(end.exited_with(0));
    EXPECT_EQ(end.errors, "TWILL_WORKERS: expected an integer from 1 to 4096, got \"-1\"; using " +
                              std::to_string(topology::core_count()) + "\n");
}

bool write(const std::string& path, const std::string& text) {
    std::ofstream file(path);
    file << text << std::flush;
    return file.good();
}

/// A group of the machine's own hierarchy, one level below another one that has a quota of half a
/// CPU; empty where the machine lets nobody make one.
class real_group {
public:
    real_group() {
        const std::string name = "/twill-test-" + std::to_string(::getpid());
        for (const std::string hierarchy : {"/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu,cpuacct"}) {
            if (make(hierarchy + name) && write(outer_ + "/cpu.cfs_period_us", "100000") &&
                write(outer_ + "/cpu.cfs_quota_us", "50000")) {
                return;
            }
            remove();
        }
        if (make("/sys/fs/cgroup" + name) && write(outer_ + "/cpu.max", "50000 100000")) {
            return;
        }
        remove();
    }
    ~real_group() { remove(); }
    real_group(const real_group&) = delete;
    real_group& operator=(const real_group&) = delete;

    [[nodiscard]] bool enter() const {
        return !inner_.empty() && write(inner_ + "/cgroup.procs", std::to_string(::getpid()));
    }

private:
    bool make(const std::string& outer) {
        outer_ = outer;
        inner_ = outer + "/inner";
        return ::mkdir(outer_.c_str(), 0755) == 0 && ::mkdir(inner_.c_str(), 0755) == 0;
    }
    void remove() {
        ::rmdir(inner_.c_str());
        ::rmdir(outer_.c_str());
        outer_.clear();
        inner_.clear();
    }

    std::string outer_;
    std::string inner_;
};

TEST(core_count, obeys_a_real_quota_of_an_ancestor) {
    const real_group group;
    const child_end end = in_child([&] {
        if (!group.enter()) {
            ::_exit(77);
        }
        EXPECT_EQ(topology::cpu_quota(), 0.5);
        EXPECT_EQ(topology::core_count(), 1);
    });
    if (end.exited_with(77)) {
        GTEST_SKIP() << "this machine lets nobody make a control group with a quota";
    }
    EXPECT_TRUE(end.exited_with(0)) << end.status;
}

} // namespace
