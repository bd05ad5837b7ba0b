// SPDX-License-Identifier: Apache-2.0
// The strands of runtimes beside the default one.
#include "sched/recorded_programs.hpp"
#include "twill/region.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <memory>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using namespace twill::testing_support; // NOLINT(google-build-using-namespace)
using twill::record_mode;
using twill::trace::root_why;

twill::runtime_options options_of(int workers, const char* name) {
    return {.workers = workers, .name = name};
}

class recording_runtimes_with : public testing::TestWithParam<int> {};

INSTANTIATE_TEST_SUITE_P(workers, recording_runtimes_with, testing::Values(1, 2, 8));

TEST_P(recording_runtimes_with, every_verb) {
    const recorded_file file = record_in_child(2, [] {
        twill::runtime own(options_of(GetParam(), "own"));
        own.run([] { tree(6); });
        for (int k = 0; k < 10; ++k) {
            own.submit([] { tree(3); }).get();
        }
        own.run([] {
            twill::task_group group;
            for (int k = 0; k < 20; ++k) {
                group.run([] { tree(2); });
            }
            group.wait();
            twill::parallel_for(0, 2'000, [](int) { spin(0.5); });
        });
    });
    expect_balanced(file);
    EXPECT_TRUE(file.end.has_value());
    EXPECT_EQ(file.dropped, 0u);
    EXPECT_EQ(file.count(event_type::fork), 63u + 10 * 7 + 20 * 3);
    EXPECT_EQ(file.count_in(1, event_type::fork), file.count(event_type::fork));
    EXPECT_EQ(file.count_in(1, event_type::task_begin), 20u);
    EXPECT_EQ(file.count_in(1, event_type::loop_begin), 1u);
    EXPECT_GE(file.count_in(1, event_type::ended), 1u);
    EXPECT_EQ(file.roots(root_why::guest), 2u);
    EXPECT_EQ(file.roots(root_why::submission), 10u);
}

// A region is on the thread that runs it, whatever the runtime; nothing is joined across them.
TEST_P(recording_runtimes_with, one_in_a_task_of_another) {
    const recorded_file file = record_in_child(GetParam(), [] {
        const twill::region around{"around"};
        twill::runtime outer(options_of(GetParam(), "outer"));
        twill::runtime inner(options_of(GetParam(), "inner"));
        outer.run([&] {
            const twill::region first{"first"};
            twill::parallel_for(0, 20, [&](int) {
                inner.run([] {
                    const twill::region second{"second"};
                    tree(4);
                });
            });
        });
        tree(5);
    });
    expect_balanced(file);
    EXPECT_EQ(file.dropped, 0u);
    EXPECT_EQ(file.count_in(0, event_type::fork), 31u);
    EXPECT_EQ(file.count_in(1, event_type::loop_begin), 1u);
    EXPECT_EQ(file.count_in(1, event_type::fork), 0u);
    EXPECT_EQ(file.count_in(2, event_type::fork), 20u * 15);
    for (const auto& [track, events] : file.threads) {
        for (const recorded_event& one : events) {
            if (one.type == event_type::root_begin && track >> twill::trace::thread_bits != 0) {
                const std::uint32_t region = twill::trace::region_from(one.second);
                ASSERT_NE(region, 0u);
                EXPECT_EQ(file.region_paths.at(region - 1).rfind("around", 0), 0u);
            }
        }
    }
    EXPECT_EQ(file.count_in(0, event_type::region_begin), 1u);
    EXPECT_EQ(file.count_in(0, event_type::region_end), 1u);
    EXPECT_EQ(file.count_in(1, event_type::region_begin), 1u);
    EXPECT_EQ(file.count_in(2, event_type::region_begin), 20u);
    EXPECT_EQ(file.count_in(2, event_type::region_end), 20u);
}

// Before the recording, within it, and after it.
TEST_P(recording_runtimes_with, that_come_and_go) {
    expect_silent_success_of(GetParam(), [](const std::string& path) {
        twill::runtime stays(options_of(GetParam(), "stays"));
        auto goes = std::make_unique<twill::runtime>(options_of(GetParam(), "goes"));
        stays.run([] { tree(5); });
        ASSERT_FALSE(twill::record_start(path.c_str(), record_mode::full));
        stays.run([] { tree(5); });
        goes->run([] { tree(4); });
        goes.reset();
        {
            twill::runtime comes(options_of(GetParam(), "comes"));
            comes.run([] { tree(3); });
        }
        ASSERT_FALSE(twill::record_stop());
        stays.run([] { tree(5); });
        const recorded_file file = read_recorded(path);
        expect_balanced(file);
        EXPECT_TRUE(file.end.has_value());
        EXPECT_EQ(file.count_in(1, event_type::fork), 31u);
        EXPECT_EQ(file.count_in(2, event_type::fork), 15u);
        EXPECT_EQ(file.count_in(3, event_type::fork), 7u);
        EXPECT_EQ(file.count(event_type::fork), 53u);
        ASSERT_FALSE(twill::record_start(path.c_str(), record_mode::full, true));
        stays.run([] { tree(2); });
        ASSERT_FALSE(twill::record_stop());
        EXPECT_EQ(read_recorded(path).count_in(1, event_type::fork), 3u);
    });
}

TEST(recording_runtimes, a_hundred_short_ones) {
    const recorded_file file = record_in_child(2, [] {
        for (int k = 0; k < 100; ++k) {
            twill::runtime one(options_of(1 + k % 2, "short"));
            one.run([] { tree(3); });
        }
    });
    expect_balanced(file);
    EXPECT_EQ(file.dropped, 0u);
    for (std::uint32_t number = 1; number <= 100; ++number) {
        EXPECT_EQ(file.count_in(number, event_type::fork), 7u) << number;
    }
    EXPECT_EQ(file.count(event_type::fork), 700u);
}

// More than a ring holds at a time: what is not in the file is counted as dropped.
TEST(recording_runtimes, that_end_with_full_rings) {
    const recorded_file file = record_in_child(2, [] {
        twill::runtime one(options_of(1, "fills"));
        one.run([] {
            for (int k = 0; k < 200'000; ++k) {
                twill::parallel_invoke([] {}, [] {});
            }
        });
    });
    // Each fork has a join and an end; beside them there is next to nothing.
    const std::uint64_t all = file.events() + file.dropped;
    EXPECT_GE(all, 600'000u);
    EXPECT_LE(all, 601'000u);
    ASSERT_TRUE(file.end.has_value());
    EXPECT_EQ(file.end->events, file.events());
    EXPECT_EQ(file.end->dropped, file.dropped);
}

TEST(recording_runtimes, begin_and_end_while_recordings_do) {
    expect_silent_success_of(2, [](const std::string& path) {
        std::atomic<bool> ends{false};
        std::vector<std::thread> makers;
        for (int k = 0; k < 2; ++k) {
            makers.emplace_back([&ends] {
                while (!ends.load()) {
                    twill::runtime one(options_of(2, "short"));
                    one.run([] { tree(6); });
                    static_cast<void>(one.submit([] { tree(2); }));
                }
            });
        }
        expect_twenty_recordings(path);
        ends = true;
        for (std::thread& one : makers) {
            one.join();
        }
    });
}

TEST(recording_runtimes, are_not_those_of_a_child_of_fork) {
    expect_silent_success_of(2, [](const std::string& path) {
        twill::runtime own(options_of(2, "own"));
        ASSERT_FALSE(twill::record_start(path.c_str(), record_mode::full));
        own.run([] { tree(4); });
        const pid_t child = ::fork();
        if (child == 0) {
            own.run([] { tree(5); });
            const std::string other = path + "-child";
            EXPECT_FALSE(twill::record_start(other.c_str(), record_mode::full));
            own.run([] { tree(3); });
            EXPECT_FALSE(twill::record_stop());
            EXPECT_EQ(read_recorded(other).count_in(1, event_type::fork), 7u);
            exit_child(::testing::Test::HasFailure() ? 1 : 0);
        }
        int status = 1;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        EXPECT_EQ(status, 0);
        own.run([] { tree(4); });
        ASSERT_FALSE(twill::record_stop());
        const recorded_file file = read_recorded(path);
        EXPECT_EQ(file.count(event_type::fork), 30u);
        expect_balanced(file);
    });
}

TEST(recording_runtimes, are_there_after_a_kill) {
    const folder files;
    const std::string path = files.path() + "/recorded.twl";
    EXPECT_EXIT(
        {
            set_workers(2);
            if (!twill::record_start(path.c_str(), record_mode::full)) {
                for (int k = 0; k < 50; ++k) {
                    twill::runtime one(options_of(2, "short"));
                    one.run([] { tree(4); });
                }
                ::raise(SIGKILL);
            }
        },
        testing::KilledBySignal(SIGKILL), "");
    const recorded_file file = read_recorded(path, last_chunk::may_be_cut);
    EXPECT_FALSE(file.end.has_value());
    EXPECT_EQ(file.count(event_type::fork), 50u * 15); // each was written as it ended
    expect_balanced(file);
}

} // namespace
