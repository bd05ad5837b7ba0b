// SPDX-License-Identifier: Apache-2.0
// twill::at and twill::near for submissions and for tasks of groups: nothing but who begins first
// is different, on machines of one node and of two.
#include "support.hpp"

#include <twill/kind.hpp>
#include <twill/numa_vector.hpp>

#include <numeric>
#include <stdexcept>

namespace {

using namespace twill_test;

/// Of a runtime with as many workers as the machine that TWILL_TOPOLOGY describes has, two are
/// known from the start.
bool has_two_nodes() { return std::getenv("TWILL_TOPOLOGY") != nullptr; }

std::uint64_t followed_or_not(const twill::load_window& window) {
    return window.total().placed + window.total().displaced;
}

TEST(hint, submissions_with_and_without_one_have_their_values) {
    twill::runtime rt{{.workers = twill::worker_count()}};
    long sum = 0;
    long expected = 0;
    for (int round = 0; round < scaled(20); ++round) {
        std::vector<twill::future<int>> all;
        for (int k = 0; k < 200; ++k) {
            all.push_back(k % 4 == 3 ? rt.submit([k] { return k; })
                                     : rt.submit([k] { return k; }, twill::at(k % 4)));
            expected += k;
        }
        for (twill::future<int>& one : all) {
            sum += one.get();
        }
    }
    EXPECT_EQ(sum, expected);
    const auto rounds = static_cast<std::uint64_t>(scaled(20));
    // Of four, one has no hint and one a node that is not there.
    EXPECT_EQ(followed_or_not(rt.load().since_start), has_two_nodes() ? rounds * 100 : 0u);
}

TEST(hint, every_option_goes_with_it) {
    twill::runtime rt{{.workers = 2}};
    static const twill::kind named{"hinted"};
    std::atomic<int> late = 0;
    const twill::numa_vector<int> data(100'000, 1);
    const int local = 3;
    EXPECT_EQ(rt.submit([] { return 1; }, twill::at(0), twill::priority::high, named).get(), 1);
    EXPECT_EQ(rt.submit([&] { return data.size(); }, twill::near(data)).get(), data.size());
    EXPECT_EQ(rt.submit([&] { return local; }, twill::near(&local)).get(), 3);
    EXPECT_THROW(rt.submit([] { throw std::runtime_error("it"); }, twill::at(1)).get(),
                 std::runtime_error);
    rt.submit([] {}, named, twill::at(1),
              twill::deadline(std::chrono::seconds(0), [&](std::chrono::nanoseconds) { ++late; }),
              twill::priority::low)
        .get();
    EXPECT_EQ(late, 1);
    std::atomic<int> ran = 0;
    const auto count = [&ran] { ++ran; };
    twill::task_group group;
    group.run(count, twill::at(0), named);
    group.run(count, twill::priority::high, twill::at(1));
    group.run(count, twill::near(data), named, twill::priority::low);
    group.run(count, twill::near(data.begin() + 99'999));
    group.run(count, twill::near(&local));
    group.run(count, twill::near(nullptr));
    group.run(count, twill::at(-1));
    group.run(count, twill::at(1'000'000));
    group.wait();
    EXPECT_EQ(ran, 8);
}

TEST(hint, a_submission_for_a_node_on_which_nobody_may_work_is_run) {
    twill::runtime rt{{.workers = twill::worker_count()}};
    rt.set_active(1);
    std::atomic<int> ran = 0;
    for (int k = 0; k < 200; ++k) {
        static_cast<void>(rt.submit([&ran] { ++ran; }, twill::at(k % 2)));
    }
    EXPECT_TRUE(eventually([&] { return ran == 200; }));
}

TEST(hint, the_end_of_a_runtime_runs_what_has_not_begun) {
    std::atomic<int> ran = 0;
    for (int round = 0; round < scaled(50); ++round) {
        twill::runtime rt{{.workers = twill::worker_count()}};
        for (int k = 0; k < 20; ++k) {
            static_cast<void>(rt.submit([&ran] { ++ran; }, twill::at(k % 3)));
        }
    }
    EXPECT_EQ(ran, scaled(50) * 20);
}

TEST(hint, submissions_from_several_threads_and_from_tasks) {
    twill::runtime rt{{.workers = twill::worker_count()}};
    std::atomic<int> ran = 0;
    on_threads(3, [&](int thread) {
        for (int k = 0; k < scaled(300); ++k) {
            rt.submit(
                  [&, k] {
                      rt.submit([&ran] { ++ran; }, twill::at((k + 1) % 2)).get();
                      ++ran;
                  },
                  twill::at((k + thread) % 2))
                .wait();
        }
    });
    EXPECT_EQ(ran, 3 * scaled(300) * 2);
}

TEST(hint, groups_run_each_task_once) {
    twill::runtime rt{{.workers = twill::worker_count()}};
    for (int round = 0; round < scaled(50); ++round) {
        std::vector<std::atomic<int>> ran(600);
        rt.run([&] {
            twill::task_group group;
            for (std::size_t k = 0; k < 300; ++k) {
                const twill::at there(static_cast<int>(k % 2));
                const auto task = [&ran, &group, k, there] {
                    group.run([&ran, k] { ++ran[300 + k]; }, there);
                    ++ran[k];
                };
                if (k % 3 == 0) {
                    group.run(task);
                } else {
                    group.run(task, there);
                }
            }
            group.wait();
        });
        for (const std::atomic<int>& one : ran) {
            ASSERT_EQ(one, 1);
        }
    }
    const auto rounds = static_cast<std::uint64_t>(scaled(50));
    EXPECT_EQ(followed_or_not(rt.load().since_start), has_two_nodes() ? rounds * 500 : 0u);
}

TEST(hint, groups_of_threads_outside) {
    for (int round = 0; round < scaled(50); ++round) {
        twill::task_group group;
        std::atomic<int> ran = 0;
        on_threads(3, [&](int thread) {
            for (int k = 0; k < 100; ++k) {
                group.run([&ran] { ++ran; }, twill::at((k + thread) % 2));
            }
            if (thread == 0) {
                group.wait();
            }
        });
        group.wait();
        ASSERT_EQ(ran, 300);
    }
}

TEST(hint, a_limit_holds_and_the_first_exception_drops_the_rest) {
    for (int round = 0; round < scaled(50); ++round) {
        twill::task_group group{twill::limit(8)};
        std::atomic<int> ran = 0;
        for (int k = 0; k < 200; ++k) {
            group.run([&ran] { ++ran; }, twill::at(k % 2));
        }
        group.wait();
        ASSERT_EQ(ran, 200);
        group.run([] { throw std::runtime_error("first"); }, twill::at(round % 2));
        EXPECT_THROW(group.wait(), std::runtime_error);
        group.run([&ran] { ++ran; }, twill::at(0));
        group.wait();
        ASSERT_EQ(ran, 201);
    }
}

} // namespace
