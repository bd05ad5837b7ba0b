// SPDX-License-Identifier: Apache-2.0
#include "topology/affinity.hpp"

#include "support/child.hpp"
#include "topology/worker_count.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <sched.h>
#include <sys/types.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

namespace topology = twill::topology;
using twill::testing_support::expect_silent_success;

cpu_set_t mask_of(pid_t thread) {
    cpu_set_t mask;
    CPU_ZERO(&mask);
    EXPECT_EQ(sched_getaffinity(thread, sizeof mask, &mask), 0);
    return mask;
}

bool same(const cpu_set_t& a, const cpu_set_t& b) { return CPU_EQUAL(&a, &b) != 0; }

cpu_set_t without(cpu_set_t mask, int cpu) {
    CPU_CLR(static_cast<unsigned>(cpu), &mask);
    return mask;
}

int first_of(const cpu_set_t& mask) {
    int cpu = 0;
    while (CPU_ISSET(static_cast<unsigned>(cpu), &mask) == 0) {
        ++cpu;
    }
    return cpu;
}

/// A thread that sleeps until it is told what to do next, and then sleeps again.
class sleeper {
public:
    sleeper() : thread_([this] { live(); }) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return number_ != 0; });
    }
    ~sleeper() {
        act(nullptr);
        thread_.join();
    }
    sleeper(const sleeper&) = delete;
    sleeper& operator=(const sleeper&) = delete;

    [[nodiscard]] pid_t number() const { return number_; }

    /// Runs `what` on the thread, or ends it with null, and returns when that is done.
    void act(std::function<void()> what) {
        std::unique_lock lock(mutex_);
        ends_ = what == nullptr;
        next_ = std::move(what);
        asked_ = true;
        changed_.notify_all();
        changed_.wait(lock, [this] { return !asked_; });
    }

private:
    void live() {
        std::unique_lock lock(mutex_);
        number_ = ::gettid();
        changed_.notify_all();
        for (bool goes_on = true; goes_on;) {
            changed_.wait(lock, [this] { return asked_; });
            goes_on = !ends_;
            if (goes_on) {
                next_();
            }
            asked_ = false;
            changed_.notify_all();
        }
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::function<void()> next_;
    bool asked_ = false;
    bool ends_ = false;
    pid_t number_ = 0;
    std::thread thread_;
};

TEST(current_cpu, is_one_of_the_mask) {
    const cpu_set_t mask = mask_of(0);
    errno = ENOTTY;
    const int cpu = topology::current_cpu();
    EXPECT_EQ(errno, ENOTTY);
    ASSERT_GE(cpu, 0);
    EXPECT_NE(CPU_ISSET(static_cast<unsigned>(cpu), &mask), 0);
}

class mask_of_sleeper : public testing::Test {
protected:
    void SetUp() override {
        if (CPU_COUNT(&before) < 2) {
            GTEST_SKIP() << "one CPU";
        }
    }

    const cpu_set_t before = mask_of(0);
    const int cpu = first_of(before);
    sleeper thread;
    topology::narrowed_mask mask;
};

TEST_F(mask_of_sleeper, lacks_the_cpu_until_the_thread_widens_it) {
    const std::uint32_t version = mask.version();
    errno = ENOTTY;
    ASSERT_TRUE(mask.narrow(thread.number(), cpu));
    EXPECT_TRUE(same(mask_of(thread.number()), without(before, cpu)));
    EXPECT_EQ(mask.version() % 2, 1U);
    thread.act([&] { mask.widen(); });
    EXPECT_TRUE(same(mask_of(thread.number()), before));
    EXPECT_EQ(mask.version(), version + 2);
    thread.act([&] { mask.widen(); }); // once is enough
    EXPECT_EQ(mask.version(), version + 2);
    EXPECT_EQ(errno, ENOTTY);
}

TEST_F(mask_of_sleeper, is_left_alone_where_somebody_has_changed_it) {
    ASSERT_TRUE(mask.narrow(thread.number(), cpu));
    cpu_set_t other;
    CPU_ZERO(&other);
    CPU_SET(static_cast<unsigned>(cpu), &other);
    ASSERT_EQ(sched_setaffinity(thread.number(), sizeof other, &other), 0);
    thread.act([&] { mask.widen(); });
    if (CPU_COUNT(&before) > 2) { // else the two add up to the old mask
        EXPECT_TRUE(same(mask_of(thread.number()), other));
    }
    EXPECT_EQ(mask.version() % 2, 0U);
}

TEST(narrowed_mask, never_becomes_empty) {
    expect_silent_success([] {
        cpu_set_t one;
        CPU_ZERO(&one);
        const int cpu = first_of(mask_of(0));
        CPU_SET(static_cast<unsigned>(cpu), &one);
        ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
        topology::narrowed_mask mask;
        EXPECT_FALSE(mask.narrow(::gettid(), cpu));
        EXPECT_EQ(mask.version() % 2, 0U);
        EXPECT_TRUE(same(mask_of(0), one));
        mask.widen();
        EXPECT_TRUE(same(mask_of(0), one));
    });
}

TEST(narrowed_mask, refuses_what_makes_no_sense) {
    const cpu_set_t before = mask_of(0);
    topology::narrowed_mask mask;
    errno = ENOTTY;
    EXPECT_FALSE(mask.narrow(::gettid(), -1));
    EXPECT_FALSE(mask.narrow(::gettid(), CPU_SETSIZE));
    EXPECT_FALSE(mask.narrow(0, first_of(before)));
    EXPECT_FALSE(mask.narrow(-5, first_of(before)));
    EXPECT_EQ(errno, ENOTTY);
    EXPECT_EQ(mask.version() % 2, 0U);
    EXPECT_TRUE(same(mask_of(0), before));
}

TEST(affinity_before_kept, is_what_was_there_before_the_first_time) {
    expect_silent_success([] {
        const std::vector<int> before = topology::affinity_of(0);
        EXPECT_TRUE(topology::affinity_before_kept().empty());
        for (const int cpu : before) {
            const std::vector<int> one{cpu};
            ASSERT_EQ(topology::keep_to(one), 0);
            EXPECT_EQ(topology::affinity_of(0), one);
            EXPECT_EQ(topology::affinity_before_kept(), before);
            EXPECT_EQ(topology::affinity_count(), static_cast<int>(before.size()));
        }
        EXPECT_NE(topology::keep_to(std::vector<int>{1 << 19}), 0); // there is no such CPU
        EXPECT_EQ(topology::affinity_before_kept(), before);
        std::thread([] { EXPECT_TRUE(topology::affinity_before_kept().empty()); }).join();
        if (before.size() > 1) { // what somebody else sets is no longer ours
            ASSERT_EQ(topology::set_affinity(before), 0);
            EXPECT_TRUE(topology::affinity_before_kept().empty());
            ASSERT_EQ(topology::set_affinity(std::vector<int>{before[0]}), 0);
            ASSERT_EQ(topology::keep_to(std::vector<int>{before[1]}), 0);
            EXPECT_EQ(topology::affinity_before_kept(), (std::vector<int>{before[0]}));
        }
    });
}

} // namespace
