// SPDX-License-Identifier: Apache-2.0
// The switch of the mode: who is recorded keeps its limit up, answers requests all the same, and
// lowers its limit again when nothing is recorded any more.
#include "sched/access.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace {

using namespace twill::sched; // NOLINT(google-build-using-namespace)
namespace detail = twill::detail;

bool limit_is_raised() { return detail::hot().limit.load(detail::relaxed) == detail::attention; }

TEST(recorded, keeps_the_limit_up_and_puts_it_down_again) {
    scheduler owner(alone());
    const visit guest(owner);
    thread_record& self = guest.record();
    EXPECT_FALSE(limit_is_raised());
    owner.set_recorded(1);
    EXPECT_TRUE(limit_is_raised());
    EXPECT_FALSE(self.recorder.on()); // until it looks
    EXPECT_EQ(fib(5), 5);
    EXPECT_TRUE(self.recorder.on());
    EXPECT_TRUE(limit_is_raised());
    EXPECT_EQ(self.requests.load(detail::relaxed), 0u);
    owner.arm(self);
    EXPECT_EQ(fib(5), 5); // answers
    EXPECT_EQ(self.requests.load(detail::relaxed), 0u);
    EXPECT_TRUE(limit_is_raised());
    owner.set_recorded(0);
    EXPECT_EQ(fib(5), 5);
    EXPECT_FALSE(self.recorder.on());
    EXPECT_EQ(fib(5), 5);
    EXPECT_FALSE(limit_is_raised());
}

TEST(recorded, a_thread_that_enters_looks) {
    scheduler owner(alone());
    owner.set_recorded(1);
    {
        const visit guest(owner);
        EXPECT_TRUE(guest.record().recorder.on());
        EXPECT_TRUE(limit_is_raised());
    }
    owner.set_recorded(0);
    const visit guest(owner);
    EXPECT_FALSE(guest.record().recorder.on());
    EXPECT_FALSE(limit_is_raised());
}

TEST(recorded, a_recorded_job_is_not_marked_and_comes_back) {
    scheduler owner(alone());
    owner.set_recorded(1);
    const visit guest(owner);
    job one{};
    one.link = detail::link_to(nullptr);
    detail::hot().tail = &one;
    EXPECT_TRUE(owner.poll_fork(guest.record(), &one, false));
    EXPECT_FALSE(detail::is_marked(one));
    EXPECT_TRUE(detail::joins_slowly(one));
    EXPECT_EQ(detail::older_than(one), nullptr);
    EXPECT_TRUE(owner.join(guest.record(), one));
    EXPECT_FALSE(guest.record().recorder.end_visit());
    detail::hot().tail = nullptr;
    owner.set_recorded(0);
}

// The switch goes to and fro while forks run, publish and are stolen.
TEST(recorded, a_thousand_switches_change_no_result) {
    scheduler owner(with_workers(4));
    std::atomic<bool> ends{false};
    std::thread works([&] {
        const visit guest(owner);
        while (!ends.load()) {
            EXPECT_EQ(fib(16), 987);
        }
    });
    for (std::uint32_t k = 1; k <= 1000; ++k) {
        owner.set_recorded(k);
        std::this_thread::yield();
        owner.set_recorded(0);
    }
    ends = true;
    works.join();
    {
        const visit guest(owner);
        EXPECT_EQ(fib(16), 987);
        EXPECT_FALSE(guest.record().recorder.on());
    }
    owner.shut_down();
}

} // namespace
