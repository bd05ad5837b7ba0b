// SPDX-License-Identifier: Apache-2.0
// Whole schedulers of the test's own, driven through the verbs by guests, to their shutdown.
#include "sched/access.hpp"
#include "support/process_threads.hpp"
#include "support/sanitizers.hpp"
#include "twill/parallel_for.hpp"
#include "twill/parallel_invoke.hpp"
#include "twill/worker.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace {

using namespace twill::sched; // NOLINT(google-build-using-namespace)
namespace detail = twill::detail;
using twill::load_model::counter;
using twill::testing_support::sanitized;
using twill::testing_support::threads_at_first;
using twill::testing_support::threads_of_this_process;

std::uint64_t total(scheduler& of, counter what) {
    std::uint64_t sum = 0;
    for (int k = 0; k < of.workers(); ++k) {
        sum += of.load_source().place(k).read().counts[static_cast<std::size_t>(what)];
    }
    return sum;
}

/// After the last guest has left, every thread goes to sleep by itself.
void expect_to_come_to_rest(scheduler& of) {
    for (;;) {
        const place_counts now = of.counts();
        ASSERT_LE(now.free, of.workers());
        if (now.free == of.workers() && now.searchers == 0) {
            return;
        }
        detail::yield_slice();
    }
}

class workers : public testing::TestWithParam<int> {
protected:
    scheduler owner_{with_workers(GetParam())};
};

INSTANTIATE_TEST_SUITE_P(counts, workers, testing::Values(1, 2, 3, 8));

TEST_P(workers, run_a_recursion_and_rest) {
    {
        const visit guest(owner_);
        EXPECT_EQ(twill::worker_count(), GetParam());
        for (int k = 0; k < 10; ++k) {
            EXPECT_EQ(fib(sanitized ? 16 : 22), sanitized ? 987 : 17711);
        }
    }
    expect_to_come_to_rest(owner_);
    EXPECT_LE(scheduler_test::threads(owner_), scheduler_test::threads_max(owner_));
    owner_.shut_down();
}

TEST_P(workers, begin_anew_after_a_rest) {
    for (int k = 0; k < 20; ++k) {
        {
            const visit guest(owner_);
            EXPECT_EQ(fib(12), 144);
        }
        expect_to_come_to_rest(owner_);
    }
    owner_.shut_down();
}

TEST_P(workers, serve_more_guests_than_there_are_places) {
    std::vector<std::thread> guests;
    for (int g = 0; g < 6; ++g) {
        guests.emplace_back([this] {
            for (int k = 0; k < 30; ++k) {
                const visit guest(owner_);
                EXPECT_GE(twill::this_worker(), 0);
                EXPECT_LT(twill::this_worker(), GetParam());
                EXPECT_EQ(fib(10), 55);
            }
        });
    }
    for (std::thread& one : guests) {
        one.join();
    }
    EXPECT_EQ(detail::hot().thread, nullptr);
    expect_to_come_to_rest(owner_);
    owner_.shut_down();
}

TEST_P(workers, visit_every_element_of_a_loop_once) {
    std::vector<detail::atomic<std::uint32_t>> visits(20'000);
    {
        const visit guest(owner_);
        twill::parallel_for(std::size_t{0}, visits.size(),
                            [&](std::size_t k) { visits[k].fetch_add(1, detail::relaxed); });
    }
    for (std::size_t k = 0; k < visits.size(); ++k) {
        ASSERT_EQ(visits[k].load(detail::relaxed), 1u) << k;
    }
    owner_.shut_down();
}

TEST_P(workers, every_published_job_is_taken_back_or_taken) {
    {
        const visit guest(owner_);
        for (int k = 0; k < 20; ++k) {
            fib(sanitized ? 14 : 20);
        }
    }
    expect_to_come_to_rest(owner_);
    owner_.shut_down();
    EXPECT_EQ(total(owner_, counter::published), total(owner_, counter::taken_back) +
                                                     total(owner_, counter::stolen) +
                                                     total(owner_, counter::leapfrogged));
    if (GetParam() == 1) {
        EXPECT_EQ(total(owner_, counter::stolen), 0u);
    }
    EXPECT_EQ(total(owner_, counter::joins_blocked) >= total(owner_, counter::handed_over), true);
}

std::uint32_t deep(std::uint32_t depth, detail::atomic<std::uint32_t>& leaves) {
    if (depth == 0) {
        return 0;
    }
    const auto [below, leaf] =
        twill::parallel_invoke([depth, &leaves] { return deep(depth - 1, leaves); },
                               [&leaves] { return leaves.fetch_add(1, detail::relaxed), 1u; });
    return below + leaf;
}

TEST_P(workers, take_a_list_far_longer_than_a_deque) {
    constexpr std::uint32_t depth = sanitized ? 1'000 : 10'000;
    detail::atomic<std::uint32_t> leaves{0};
    {
        const visit guest(owner_);
        for (std::uint32_t k = 1; k <= 20; ++k) {
            EXPECT_EQ(deep(depth, leaves), depth);
            EXPECT_EQ(leaves.load(detail::relaxed), k * depth);
        }
    }
    owner_.shut_down();
}

TEST_P(workers, a_blocked_join_waits_for_its_child_alone) {
    if (GetParam() == 1) {
        return; // nobody takes the child
    }
    {
        const visit guest(owner_);
        detail::atomic<std::uint32_t> begun{0};
        detail::atomic<std::uint32_t> go_on{0};
        twill::parallel_invoke(
            [&] {
                // The child is published by one of these forks, and begun elsewhere.
                while (begun.load(detail::acquire) == 0) {
                    twill::parallel_invoke([] {}, [] {});
                }
                go_on.store(1, detail::release);
            },
            [&] {
                begun.store(1, detail::release);
                while (go_on.load(detail::acquire) == 0) {
                    detail::yield_slice();
                }
                std::this_thread::sleep_for(std::chrono::milliseconds(5)); // past the join's spin
            });
        EXPECT_GE(twill::this_worker(), 0);
    }
    expect_to_come_to_rest(owner_);
    owner_.shut_down();
    EXPECT_GE(total(owner_, counter::stolen), 1u);
}

TEST(shutdown, ends_every_thread_of_the_scheduler) {
    const std::size_t before = threads_at_first();
    for (int k = 0; k < 20; ++k) {
        scheduler owner(with_workers(1 + k % 4));
        {
            const visit guest(owner);
            fib(14);
        }
        owner.shut_down();
    }
    // The kernel takes a thread's entry away a moment after the thread has said its last.
    while (threads_of_this_process() > before) {
        detail::yield_slice();
    }
}

TEST(shutdown, of_a_scheduler_that_nobody_used) {
    scheduler owner(with_workers(3));
    owner.shut_down();
    EXPECT_EQ(scheduler_test::threads(owner), 0u);
}

TEST(shutdown, waits_for_guests_inside) {
    scheduler owner(with_workers(2));
    detail::atomic<std::uint32_t> inside{0};
    detail::atomic<std::uint32_t> left{0};
    std::thread guest([&] {
        {
            const visit here(owner);
            inside.store(1, detail::release);
            fib(sanitized ? 16 : 22);
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
            left.store(1, detail::release);
        }
    });
    while (inside.load(detail::acquire) == 0) {
        detail::yield_slice();
    }
    owner.shut_down();
    EXPECT_EQ(left.load(detail::acquire), 1u);
    guest.join();
}

} // namespace
