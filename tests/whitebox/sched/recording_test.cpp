// SPDX-License-Identifier: Apache-2.0
// A recording of a known program has what the program did, and everything in it balances. Each test
// is a process of its own, since the default runtime reads its environment once.
#include "sched/recorded_programs.hpp"
#include "twill/experimental/context.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

namespace {

using namespace twill::testing_support; // NOLINT(google-build-using-namespace)
using twill::record_mode;
using twill::trace::root_why;

class recording_with : public testing::TestWithParam<int> {};

INSTANTIATE_TEST_SUITE_P(workers, recording_with, testing::Values(1, 2, 8));

TEST_P(recording_with, forks_that_nest) {
    const recorded_file file = record_in_child(GetParam(), [] {
        // The first callable waits for the second one to begin elsewhere, if there is an elsewhere.
        std::atomic<bool> begun{GetParam() == 1};
        twill::parallel_invoke(
            [&] {
                while (!begun.load()) {
                    std::this_thread::yield();
                }
                tree(8);
            },
            [&] {
                begun = true;
                tree(8);
            });
    });
    expect_balanced(file);
    EXPECT_EQ(file.dropped, 0u);
    EXPECT_EQ(file.count(event_type::fork), 511u);
    EXPECT_EQ(file.count(event_type::sync), 511u);
    EXPECT_EQ(file.count(event_type::join_own) + file.count(event_type::join_stolen), 511u);
    EXPECT_EQ(file.roots(root_why::guest), 1u);
    EXPECT_EQ(file.count(event_type::steal) + file.count(event_type::leapfrog),
              file.count(event_type::join_stolen));
    if (GetParam() == 1) {
        EXPECT_EQ(file.count(event_type::join_own), 511u);
    } else {
        EXPECT_GT(file.count(event_type::join_stolen), 0u);
    }
}

TEST_P(recording_with, loops_in_loops) {
    const recorded_file file = record_in_child(GetParam(), [] {
        // The first element waits for one of the other half, which somebody else has then.
        std::atomic<bool> begun{GetParam() == 1};
        twill::parallel_for(0, 20, [&begun](int k) {
            if (k >= 10) {
                begun = true;
            }
            while (k == 0 && !begun.load()) {
                std::this_thread::yield();
            }
            twill::parallel_for(0, 10, [](int) { spin(5); });
        });
        twill::parallel_for(0, 20'000, [](int) { spin(0.2); });
    });
    expect_balanced(file);
    EXPECT_EQ(file.dropped, 0u);
    EXPECT_EQ(file.count(event_type::loop_begin), 22u);
    EXPECT_EQ(file.count(event_type::loop_end), 22u);
    EXPECT_GT(file.count(event_type::block), 100u);
    if (GetParam() != 1) {
        EXPECT_GT(file.count(event_type::loop_stolen), 0u);
    }
}

int context_tree(twill::experimental::context here, int depth) {
    if (depth == 0) {
        spin(1);
        return 1;
    }
    const auto below = [depth](twill::experimental::context c) {
        return context_tree(c, depth - 1);
    };
    const auto [a, b] = twill::experimental::parallel_invoke(here, below, below);
    return a + b;
}

TEST_P(recording_with, forks_with_a_context) {
    const recorded_file file = record_in_child(GetParam(), [] {
        EXPECT_EQ(twill::experimental::run(
                      [](twill::experimental::context here) { return context_tree(here, 7); }),
                  128);
    });
    expect_balanced(file);
    EXPECT_EQ(file.dropped, 0u);
    EXPECT_EQ(file.count(event_type::fork), 127u);
    EXPECT_EQ(file.count(event_type::sync), 127u);
}

TEST_P(recording_with, the_other_verbs) {
    const recorded_file file = record_in_child(GetParam(), [] {
        for (int round = 0; round < 20; ++round) {
            twill::parallel_invoke([] { tree(2); }, [] { tree(2); }, [] { tree(2); },
                                   [] { tree(2); }, [] { tree(2); });
            twill::parallel_for(0, 200, [](int) { spin(0.5); }, twill::at_most(2));
            const int sum = twill::parallel_reduce(
                0, 500, 0, [](int) { return 1; }, [](int x, int y) { return x + y; });
            EXPECT_EQ(sum, 500);
        }
    });
    expect_balanced(file);
    EXPECT_EQ(file.dropped, 0u);
    EXPECT_EQ(file.count(event_type::fork), 20 * 15u);
    EXPECT_EQ(file.count(event_type::loop_begin), file.count(event_type::loop_end));
}

TEST_P(recording_with, tasks_of_groups) {
    const recorded_file file = record_in_child(GetParam(), [] {
        twill::parallel_invoke(
            [] {
                twill::task_group group;
                for (int k = 0; k < 100; ++k) {
                    group.run([] { tree(3); });
                }
                group.wait();
            },
            [] { spin(10); });
    });
    expect_balanced(file);
    EXPECT_EQ(file.dropped, 0u);
    EXPECT_EQ(file.count(event_type::spawn), 100u);
    EXPECT_EQ(file.count(event_type::task_begin), 100u);
    EXPECT_EQ(file.count(event_type::task_end), 100u);
    EXPECT_EQ(file.count(event_type::wait_begin), 2u); // wait(), and the end of the group
    EXPECT_EQ(file.count(event_type::fork), 701u);
}

TEST_P(recording_with, threads_from_outside) {
    const recorded_file file = record_in_child(GetParam(), [] {
        std::vector<std::thread> guests;
        for (int k = 0; k < 4; ++k) {
            guests.emplace_back([] {
                tree(5);
                tree(5);
            });
        }
        for (std::thread& one : guests) {
            one.join();
        }
    });
    expect_balanced(file);
    EXPECT_EQ(file.dropped, 0u);
    EXPECT_EQ(file.count(event_type::fork), 8 * 31u);
    EXPECT_EQ(file.roots(root_why::guest), 8u);
}

TEST_P(recording_with, exceptions_of_either_callable_and_of_loops) {
    const recorded_file file = record_in_child(GetParam(), [] {
        const auto fails = [] { throw std::runtime_error("on purpose"); };
        const auto passes = [] { tree(2); };
        int caught = 0;
        for (int k = 0; k < 50; ++k) {
            try {
                twill::parallel_invoke([&] { twill::parallel_invoke(fails, passes); }, passes);
            } catch (const std::runtime_error&) {
                ++caught;
            }
            try {
                twill::parallel_invoke(passes, [&] { twill::parallel_invoke(passes, fails); });
            } catch (const std::runtime_error&) {
                ++caught;
            }
            try {
                twill::parallel_for(0, 100, [](int element) {
                    spin(1);
                    if (element == 70) {
                        throw std::runtime_error("on purpose");
                    }
                });
            } catch (const std::runtime_error&) {
                ++caught;
            }
        }
        EXPECT_EQ(caught, 150);
    });
    expect_balanced(file);
    EXPECT_EQ(file.dropped, 0u);
    EXPECT_EQ(file.count(event_type::fork), file.count(event_type::sync));
    EXPECT_EQ(file.count(event_type::loop_begin), 50u);
    EXPECT_EQ(file.count(event_type::loop_end), 50u);
}

TEST_P(recording_with, waits_in_tasks) {
    const recorded_file file = record_in_child(GetParam(), [] {
        std::atomic<bool> came{false};
        twill::parallel_invoke(
            [&] {
                twill::blocking([&] {
                    while (!came.load()) {
                        std::this_thread::yield();
                    }
                });
                tree(3);
            },
            [&] {
                came = true;
                tree(3);
            });
    });
    expect_balanced(file);
    EXPECT_EQ(file.count(event_type::fork), 15u);
    EXPECT_GE(file.count(event_type::blocked), 1u);
    EXPECT_EQ(file.count(event_type::blocked), file.count(event_type::resumed));
    EXPECT_GE(file.count(event_type::hand_over), 1u);
}

// What is open then stays open, and nothing ends that did not begin.
TEST_P(recording_with, begun_and_stopped_in_the_middle) {
    expect_silent_success_of(GetParam(), [](const std::string& path) {
        twill::parallel_invoke(
            [&] {
                twill::parallel_for(0, 5, [&](int k) {
                    if (k == 2) {
                        EXPECT_FALSE(twill::record_start(path.c_str(), record_mode::full));
                    }
                    tree(6);
                });
                twill::parallel_invoke([] { tree(4); }, [] { EXPECT_FALSE(twill::record_stop()); });
                tree(4);
            },
            [] { tree(6); });
        const recorded_file file = read_recorded(path);
        expect_balanced(file, false);
        EXPECT_TRUE(file.end.has_value());
        EXPECT_GT(file.count(event_type::fork), 0u);
    });
}

TEST_P(recording_with, many_recordings_of_a_program_that_goes_on) {
    expect_silent_success_of(GetParam(), [](const std::string& path) {
        std::atomic<bool> ends{false};
        std::thread works([&ends] {
            while (!ends.load()) {
                tree(7);
                twill::parallel_for(0, 100, [](int) { spin(1); });
            }
        });
        expect_twenty_recordings(path);
        ends = true;
        works.join();
    });
}

TEST(recording, of_the_other_modes_has_accounts_and_no_events) {
    for (const record_mode mode : {record_mode::counters, record_mode::kinds}) {
        const recorded_file file = record_in_child(
            2,
            [] {
                for (int k = 0; k < 60; ++k) {
                    tree(6);
                    spin(5000);
                }
            },
            mode);
        EXPECT_EQ(file.events(), 0u);
        EXPECT_EQ(file.header.mode, mode == record_mode::kinds ? "kinds" : "counters");
        ASSERT_GE(file.series.size(), 3u);
        const auto& last = file.series.back();
        ASSERT_EQ(last.workers.size(), 2u);
        ASSERT_EQ(last.workers[0].counts.size(), file.header.counts.size());
        EXPECT_GE(last.wall, 300'000'000);
        for (const auto& one : last.workers) {
            EXPECT_EQ(one.open, one.useful + one.dispatch + one.search + one.parked +
                                    one.preempted.value_or(0));
        }
        EXPECT_LE(file.series.front().wall, last.wall);
        EXPECT_TRUE(file.end.has_value());
    }
}

TEST(recording, says_what_was_measured_and_who_ran) {
    const recorded_file file = record_in_child(2, [] { tree(3); });
    EXPECT_GT(file.header.pid, 0);
    EXPECT_NE(file.header.program.find("whitebox_recording"), std::string::npos);
    EXPECT_NE(file.header.build.find("twill"), std::string::npos);
    EXPECT_GT(file.header.ticks_per_nanosecond, 0.0);
    EXPECT_GE(file.header.task_takes, 0.0);
    EXPECT_LT(file.header.task_takes, 100'000.0);
    EXPECT_GE(file.header.clock_ahead, 0.0);
    EXPECT_LE(file.header.clock_ahead, 100'000.0);
    EXPECT_GE(file.header.cores, 1);
}

} // namespace
