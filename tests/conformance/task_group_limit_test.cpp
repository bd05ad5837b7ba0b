// SPDX-License-Identifier: Apache-2.0
// task_group: the bound of what is pending.
#include "group_support.hpp"

#include <vector>

namespace {

using namespace twill_test;

TEST(limit, is_one_at_least) {
    EXPECT_EQ(twill::limit(0).tasks(), 1U);
    EXPECT_EQ(twill::limit(-5).tasks(), 1U);
    EXPECT_EQ(twill::limit(7L).tasks(), 7U);
}

// A task counts from the return of its run() until its first line: each thread may have one more,
// which it has taken and not yet called.
TEST(limit, bounds_what_is_pending) {
    for (const int most : {1, 2, 10}) {
        for (int round = 0; round < scaled(20); ++round) {
            std::atomic<int> pending{0};
            std::atomic<int> highest{0};
            std::atomic<int> ran{0};
            twill::task_group group{twill::limit(most)};
            twill::parallel_for(0, 4, [&](int) {
                for (int k = 0; k < 500; ++k) {
                    group.run([&] {
                        --pending;
                        keep(work(20));
                        ++ran;
                    });
                    raise_to(highest, ++pending);
                }
            });
            group.wait();
            ASSERT_EQ(ran, 2000);
            ASSERT_EQ(pending, 0);
            ASSERT_LE(highest, most + twill::worker_count());
        }
    }
}

TEST(limit, runs_the_new_task_on_the_spot) {
    twill::runtime alone{{.workers = 1}};
    alone.run([] {
        const auto self = std::this_thread::get_id();
        std::vector<int> order;
        twill::task_group group{twill::limit(2)};
        for (int k = 0; k < 5; ++k) {
            group.run([&order, self, k] {
                EXPECT_EQ(std::this_thread::get_id(), self);
                order.push_back(k);
            });
        }
        EXPECT_EQ(order, (std::vector<int>{2, 3, 4}));
        group.wait();
        EXPECT_EQ(order, (std::vector<int>{2, 3, 4, 1, 0}));
    });
}

// run() never waits, and a thread without a worker runs nothing.
TEST(limit, lets_outside_threads_enqueue) {
    const auto self = std::this_thread::get_id();
    std::atomic<int> ran{0};
    std::atomic<int> here{0};
    twill::task_group group{twill::limit(3)};
    for (int k = 0; k < 1000; ++k) {
        group.run([&] {
            ++ran;
            here += std::this_thread::get_id() == self ? 1 : 0;
        });
    }
    EXPECT_EQ(here, 0);
    group.wait();
    EXPECT_EQ(ran, 1000);
}

TEST(limit, keeps_an_exception_of_what_ran_on_the_spot) {
    twill::runtime alone{{.workers = 1}};
    alone.run([] {
        std::atomic<int> ran{0};
        twill::task_group group{twill::limit(1)};
        put_counted(group, 1, ran);
        group.run([] { throw 5; });
        put_counted(group, 3, ran); // at the limit, and dropped
        EXPECT_THROW(group.wait(), int);
        EXPECT_EQ(ran, 0);
        EXPECT_EQ(counted::live(), 0);
        put_counted(group, 3, ran);
        group.wait();
        EXPECT_EQ(ran, 3);
    });
}

} // namespace
