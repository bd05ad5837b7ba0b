// SPDX-License-Identifier: Apache-2.0
// A program of tiny forks does not pay for its sleepers at each of them.
#include "sched/access.hpp"
#include "sched/jobs.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace {

using namespace twill::sched; // NOLINT(google-build-using-namespace)
namespace detail = twill::detail;

class back_off : public testing::Test {
protected:
    back_off() { scheduler_test::longest_back_off(owner_) = ~std::uint64_t{0} >> 1; }

    thread_record& self() { return guest_.record(); }

    /// Somebody asks, and the thread forks one job after the other and joins it until one of them
    /// is public. How many were not?
    int forks_until_public(bool steal_it = false) {
        owner_.arm(self());
        for (int skipped = 0;; ++skipped) {
            job one{};
            one.link = detail::link_to(nullptr);
            EXPECT_EQ(detail::hot().limit.load(detail::relaxed), detail::attention);
            owner_.poll(self(), &one);
            if (!detail::is_marked(one)) {
                continue; // and the request stands
            }
            EXPECT_NE(detail::hot().limit.load(detail::relaxed), detail::attention);
            if (steal_it) {
                EXPECT_EQ(steal_oldest(self().deque), &one);
                owner_.finish(thief_, one, detail::job_end::returned);
            }
            EXPECT_EQ(owner_.join(self(), one), !steal_it);
            return skipped;
        }
    }

    scheduler owner_{alone()};
    thread_record& thief_ = *owner_.table().add(owner_, false);
    visit guest_{owner_};
};

TEST_F(back_off, skips_twice_as_many_after_each_publication_that_nobody_wanted) {
    EXPECT_EQ(forks_until_public(), 0);
    for (int k = 1; k <= 10; ++k) {
        EXPECT_EQ(forks_until_public(), (1 << std::min(k, 6)) - 1) << k;
    }
}

TEST_F(back_off, begins_anew_after_a_steal) {
    for (int k = 0; k < 5; ++k) {
        forks_until_public();
    }
    EXPECT_EQ(forks_until_public(true), 31);
    EXPECT_EQ(forks_until_public(), 0);
    EXPECT_EQ(forks_until_public(), 1);
    EXPECT_EQ(forks_until_public(), 3);
}

TEST_F(back_off, begins_anew_when_some_of_what_was_published_was_stolen) {
    for (int k = 0; k < 4; ++k) {
        forks_until_public();
    }
    self().polls_to_skip = 0;
    owner_.arm(self());
    job jobs[3] = {};
    for (int k = 0; k < 3; ++k) {
        jobs[k].link = detail::link_to(k == 0 ? nullptr : &jobs[k - 1]);
    }
    owner_.poll(self(), &jobs[2]);
    EXPECT_EQ(steal_oldest(self().deque), &jobs[0]);
    EXPECT_TRUE(owner_.join(self(), jobs[2]));
    EXPECT_TRUE(owner_.join(self(), jobs[1]));
    EXPECT_EQ(self().unstolen_streak, 0u);
    owner_.finish(thief_, jobs[0], detail::job_end::returned);
    EXPECT_FALSE(owner_.join(self(), jobs[0]));
    EXPECT_EQ(forks_until_public(), 0);
}

TEST_F(back_off, ends_when_it_has_lasted_too_long) {
    for (int k = 0; k < 10; ++k) {
        forks_until_public();
    }
    scheduler_test::longest_back_off(owner_) = 0; // every look at the clock finds it over
    EXPECT_LE(forks_until_public(), 8) << "every eighth skipped poll looks at the clock";
}

TEST_F(back_off, a_poll_without_a_request_publishes_nothing) {
    job one{};
    one.link = detail::link_to(nullptr);
    detail::hot().limit.store(detail::attention, detail::relaxed);
    owner_.poll(self(), &one);
    EXPECT_FALSE(detail::is_marked(one));
    EXPECT_NE(detail::hot().limit.load(detail::relaxed), detail::attention);
}

} // namespace
