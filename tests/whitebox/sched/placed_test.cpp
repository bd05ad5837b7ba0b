// SPDX-License-Identifier: Apache-2.0
// Placed loops on schedulers whose places are said to be on several nodes.
#include "sched/access.hpp"
#include "sched/made_up_seats.hpp"
#include "sched/two_nodes.hpp"
#include "support/eventually.hpp"
#include "twill/kind.hpp"
#include "twill/numa_vector.hpp"
#include "twill/parallel_for.hpp"
#include "twill/parallel_invoke.hpp"
#include "twill/parallel_reduce.hpp"
#include "twill/reducer.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <numeric>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace twill::sched; // NOLINT(google-build-using-namespace)
namespace detail = twill::detail;
using twill::load_model::counter;
using twill::testing_support::eventually;
using twill::testing_support::halves;
using twill::testing_support::seats_of;
using twill::testing_support::two_nodes;
using twill::topology::binds;
using twill::topology::node_map;

/// Long enough that a loop over many of these is worth a wake-up.
void spin(int steps = 300) {
    for (int k = 0; k < steps; ++k) {
        detail::pause();
    }
}

TEST(placed, each_element_runs_once_and_posts_are_taken) {
    two_nodes machine;
    const visit guest(machine.owner());
    for (const std::size_t count : {1u, 2u, 3u, 63u, 64u, 65u, 1000u, 20'000u}) {
        const halves where(count);
        std::vector<std::atomic<int>> ran(count);
        twill::parallel_for(
            std::size_t{0}, count,
            [&](std::size_t k) {
                spin(3);
                ++ran[k];
            },
            twill::near(where));
        for (std::size_t k = 0; k < count; ++k) {
            ASSERT_EQ(ran[k], 1) << k << " of " << count;
        }
    }
    EXPECT_GT(counted(machine.owner(), counter::posted), 0u);
    EXPECT_GT(counted(machine.owner(), counter::placed), 0u);
}

TEST(placed, a_loop_that_is_not_worth_a_wake_posts_nothing) {
    two_nodes machine;
    const visit guest(machine.owner());
    scheduler_test::set_wake_takes(machine.owner(), std::uint64_t{1} << 40);
    const halves where(100'000);
    std::vector<int> x(100'000, 1);
    twill::parallel_for(
        std::size_t{0}, x.size(), [&](std::size_t k) { x[k] += 1; }, twill::near(where));
    EXPECT_EQ(std::accumulate(x.begin(), x.end(), 0L), 200'000);
    EXPECT_EQ(counted(machine.owner(), counter::posted), 0u);
}

TEST(placed, on_one_node_or_before_it_is_known_it_is_a_loop_as_any_other) {
    scheduler owner(with_workers(2));
    {
        const visit guest(owner);
        EXPECT_EQ(owner.known_nodes.nodes(), nullptr);
        owner.known_nodes.set(node_map(std::vector<int>{4, 4}), owner.workers()); // one node
        owner.known_nodes.set(node_map(std::vector<int>{0, 1, 2}),
                              owner.workers()); // of another machine
        EXPECT_EQ(owner.known_nodes.nodes(), nullptr);
        const halves where(1000);
        std::atomic<int> ran = 0;
        twill::parallel_for(0, 1000, [&](int) { ++ran; }, twill::near(where));
        twill::parallel_for(0, 1000, [&](int) { ++ran; }, twill::at(4));
        EXPECT_EQ(ran, 2000);
        EXPECT_EQ(counted(owner, counter::placed) + counted(owner, counter::displaced), 0u);
    }
    owner.shut_down();
}

TEST(placed, reductions_keep_the_order_of_the_elements) {
    two_nodes machine;
    const visit guest(machine.owner());
    const halves where(2000);
    std::string expected;
    for (int k = 0; k < 2000; ++k) {
        expected += std::to_string(k) + ' ';
    }
    for (int round = 0; round < 20; ++round) {
        const std::string line = twill::parallel_reduce(
            0, 2000, std::string(),
            [](int k) {
                spin(30);
                return std::to_string(k) + ' ';
            },
            [](std::string a, const std::string& b) { return std::move(a) + b; },
            twill::near(where));
        ASSERT_EQ(line, expected);
    }
    EXPECT_EQ(twill::parallel_reduce(
                  0, 2000, 0L,
                  [](int k) {
                      spin(30);
                      return static_cast<long>(k);
                  },
                  [](long a, long b) { return a + b; }, twill::near(where)),
              1999L * 1000);
}

TEST(placed, reducers_keep_the_order_of_the_elements) {
    two_nodes machine;
    const halves where(2000);
    for (int round = 0; round < 20; ++round) {
        twill::append_reducer<std::vector<int>> all;
        {
            const visit guest(machine.owner());
            all->push_back(-1);
            twill::parallel_for(
                0, 2000,
                [&](int k) {
                    spin(30);
                    all->push_back(k);
                },
                twill::near(where));
            all->push_back(2000);
        }
        std::vector<int> expected(2002);
        std::iota(expected.begin(), expected.end(), -1);
        ASSERT_EQ(*all, expected);
    }
}

TEST(placed, the_first_exception_is_thrown_after_all_has_ended) {
    two_nodes machine;
    const visit guest(machine.owner());
    const halves where(1000);
    for (int round = 0; round < 50; ++round) {
        std::atomic<int> inside = 0;
        EXPECT_THROW(twill::parallel_for(
                         0, 1000,
                         [&](int k) {
                             ++inside;
                             spin(30);
                             --inside;
                             if (k % 300 == 299) {
                                 throw std::runtime_error("element");
                             }
                         },
                         twill::near(where)),
                     std::runtime_error);
        // Those that threw had left.
        EXPECT_EQ(inside, 0);
    }
    EXPECT_THROW((void)twill::parallel_reduce(
                     0, 1000, std::string(),
                     [](int k) {
                         spin(30);
                         return k == 900 ? throw std::runtime_error("map") : std::string(40, 'x');
                     },
                     [](std::string a, const std::string& b) { return std::move(a) + b; },
                     twill::near(where)),
                 std::runtime_error);
}

TEST(placed, a_stop_leaves_out_what_has_not_begun) {
    two_nodes machine;
    const visit guest(machine.owner());
    const halves where(100'000);
    std::stop_source source;
    std::atomic<int> ran = 0;
    const twill::outcome ended = twill::parallel_for(
        0, 100'000,
        [&](int) {
            spin(30);
            if (++ran == 100) {
                source.request_stop();
            }
        },
        twill::near(where), source.get_token());
    EXPECT_EQ(ended, twill::outcome::stopped);
    EXPECT_LT(ran, 100'000);
}

TEST(placed, loops_nest_and_come_from_several_threads) {
    two_nodes machine;
    std::atomic<int> ran = 0;
    std::vector<std::thread> callers;
    for (int caller = 0; caller < 3; ++caller) {
        callers.emplace_back([&] {
            const visit guest(machine.owner());
            const halves outer(40);
            const halves inner(100);
            for (int round = 0; round < 10; ++round) {
                twill::parallel_for(
                    0, 40,
                    [&](int) {
                        twill::parallel_for(
                            0, 100,
                            [&](int) {
                                spin(3);
                                ++ran;
                            },
                            twill::near(inner));
                    },
                    twill::near(outer));
            }
        });
    }
    for (std::thread& one : callers) {
        one.join();
    }
    EXPECT_EQ(ran, 3 * 10 * 40 * 100);
}

// What was forked around the loop stays where thieves find it while the launcher waits.
TEST(placed, loops_in_the_middle_of_forks) {
    two_nodes machine;
    const visit guest(machine.owner());
    const halves where(200);
    std::atomic<int> ran = 0;
    struct tree {
        const halves& where;
        std::atomic<int>& ran;
        void grow(int depth) const {
            if (depth == 0) {
                twill::parallel_for(
                    0, 200,
                    [this](int) {
                        spin(5);
                        ++ran;
                    },
                    twill::near(where));
                return;
            }
            twill::parallel_invoke([=, this] { grow(depth - 1); }, [=, this] { grow(depth - 1); });
        }
    };
    tree{where, ran}.grow(6);
    EXPECT_EQ(ran, 64 * 200);
}

TEST(placed, options_say_where_or_nothing) {
    two_nodes machine;
    const visit guest(machine.owner());
    std::atomic<int> ran = 0;
    const auto count = [&](int) {
        spin(30);
        ++ran;
    };
    twill::parallel_for(0, 60, count, twill::at(1)); // few: they may be large
    EXPECT_EQ(ran.exchange(1000), 60);
    const std::uint64_t posted = counted(machine.owner(), counter::posted);
    EXPECT_GT(posted, 0u);
    twill::parallel_for(0, 1000, count, twill::at(5)); // there is no such node
    twill::parallel_for(0, 1000, count, twill::at(-1));
    twill::parallel_for(0, 1000, count, twill::near(nullptr));
    twill::parallel_for(0, 1000, count, twill::at(1), twill::at_most(2)); // a limit is a promise
    EXPECT_EQ(ran, 5000);
    EXPECT_EQ(counted(machine.owner(), counter::posted), posted);
    int on_the_stack = 0;
    twill::parallel_for(0, 1000, count, twill::near(&on_the_stack), twill::grain(100));
    EXPECT_EQ(ran, 6000);
    static const twill::kind named("placed");
    const auto [a, b, c] = twill::parallel_invoke([] { return 1; }, [] { return 2.0; },
                                                  [] { return 'c'; }, twill::at(1), named);
    EXPECT_EQ(a, 1);
    EXPECT_EQ(b, 2.0);
    EXPECT_EQ(c, 'c');
    twill::parallel_invoke([&] { ++ran; }, [&] { ++ran; }, twill::at(0));
    EXPECT_EQ(ran, 6002);
}

// Two parts on a node of four places, of which two are invited by the launcher: a thief of the
// other node leaves parts to the rest. Whether one comes before those who were invited is up to the
// machine, so each element waits a while for the other one to be begun, and there are many rounds.
TEST(placed, a_thief_leaves_parts_to_idle_places_of_their_node) {
    using clock = std::chrono::steady_clock;
    scheduler owner(with_workers(8));
    owner.seat_by(seats_of(8, 2));
    owner.known_nodes.set(node_map(std::vector<int>{0, 0, 0, 0, 1, 1, 1, 1}, binds::recorded),
                          owner.workers());
    {
        const visit guest(owner);
        const auto forwarded = [&] {
            for (const int node : {0, 1}) {
                std::array<std::atomic<int>, 2> ran{};
                twill::parallel_for(
                    0, 2,
                    [&](int k) {
                        ++ran[static_cast<std::size_t>(k)];
                        const auto until = clock::now() + std::chrono::milliseconds(2);
                        while (ran[static_cast<std::size_t>(1 - k)] == 0 && clock::now() < until) {
                            detail::yield_slice();
                        }
                    },
                    twill::at(node));
                EXPECT_EQ(ran[0], 1);
                EXPECT_EQ(ran[1], 1);
            }
            return counted(owner, counter::forwarded) > 0;
        };
        EXPECT_TRUE(eventually(forwarded));
        EXPECT_LE(counted(owner, counter::forwarded), counted(owner, counter::posted));
    }
    EXPECT_FALSE(owner.known_nodes.has_post());
    owner.shut_down();
}

TEST(placed, no_piece_is_smaller_than_the_grain) {
    two_nodes machine;
    const visit guest(machine.owner());
    const halves where(10'000);
    std::atomic<int> small = 0;
    std::atomic<std::size_t> sum = 0;
    twill::parallel_for_blocks(
        0, 10'000,
        [&](int begin, int end) {
            spin(300);
            small += end - begin < 300 ? 1 : 0;
            sum += static_cast<std::size_t>(end - begin);
        },
        twill::near(where), twill::grain(300));
    EXPECT_EQ(sum, 10'000u);
    EXPECT_EQ(small, 0);
}

} // namespace
