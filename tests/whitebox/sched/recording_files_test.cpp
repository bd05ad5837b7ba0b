// SPDX-License-Identifier: Apache-2.0
// Files that cannot be written, TWILL_RECORD, the end of the program, and fork().
#include "sched/recorded_programs.hpp"
#include "support/sanitizers.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <vector>

#if defined(TWILL_THREAD_SANITIZER)
// The child of a fork() makes threads, which ThreadSanitizer refuses unless it is told not to.
extern "C" const char* __tsan_default_options();  // NOLINT(bugprone-reserved-identifier)
extern "C" const char* __tsan_default_options() { // NOLINT(bugprone-reserved-identifier)
    return "die_after_fork=0";
}
#endif

namespace {

using namespace twill::testing_support; // NOLINT(google-build-using-namespace)
using twill::record_mode;

TEST(recording_file, that_cannot_be_made_is_an_error_and_a_line) {
    const folder files;
    const std::string there = files.path() + "/there";
    files.write("/there", "mine");
    const child_end end = in_child([&] {
        set_workers(2);
        EXPECT_EQ(twill::record_start("/nonexistent/x.twl"), std::errc::no_such_file_or_directory);
        EXPECT_EQ(twill::record_start(there.c_str()), std::errc::file_exists);
        EXPECT_EQ(twill::record_start("/dev/full", record_mode::full, true),
                  std::errc::no_space_on_device);
        tree(4);
        EXPECT_FALSE(twill::record_stop()); // nothing is recorded
    });
    EXPECT_TRUE(end.exited_with(0)) << end.errors;
    EXPECT_NE(end.errors.find("/nonexistent/x.twl"), std::string::npos) << end.errors;
    EXPECT_NE(end.errors.find("/dev/full"), std::string::npos) << end.errors;
    EXPECT_EQ(std::count(end.errors.begin(), end.errors.end(), '\n'), 3) << end.errors;
    EXPECT_EQ(std::filesystem::file_size(there), 4u);
}

TEST(recording_file, is_the_callers_alone_and_replaced_only_when_told) {
    expect_silent_success_of(2, [](const std::string& path) {
        ASSERT_FALSE(twill::record_start(path.c_str()));
        EXPECT_EQ(twill::record_start("other.twl"), std::errc::device_or_resource_busy);
        ASSERT_FALSE(twill::record_stop());
        struct stat about{};
        ASSERT_EQ(::stat(path.c_str(), &about), 0);
        EXPECT_EQ(about.st_mode & 0777, 0600u);
        ASSERT_FALSE(twill::record_start(path.c_str(), record_mode::full, true));
        tree(3);
        ASSERT_FALSE(twill::record_stop());
        EXPECT_EQ(read_recorded(path).count(event_type::fork), 7u);
    });
}

// A limit on the size of files stands for a disk that fills.
TEST(recording_file, that_takes_no_more_ends_the_recording_with_a_line) {
    const folder files;
    const std::string path = files.path() + "/x.twl";
    const child_end end = in_child([&] {
        set_workers(2);
        const rlimit small{100'000, RLIM_INFINITY};
        ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
        ASSERT_FALSE(twill::record_start(path.c_str(), record_mode::full));
        for (int k = 0; k < 100; ++k) {
            tree(8);
            spin(1000);
        }
        EXPECT_EQ(twill::record_stop(), std::errc::file_too_large);
        // Again, into what can be written.
        const rlimit none{RLIM_INFINITY, RLIM_INFINITY};
        ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &none), 0);
        const std::string other = path + "2";
        ASSERT_FALSE(twill::record_start(other.c_str(), record_mode::full));
        tree(3);
        ASSERT_FALSE(twill::record_stop());
        expect_balanced(read_recorded(other));
    });
    EXPECT_TRUE(end.exited_with(0)) << end.errors;
    EXPECT_EQ(std::count(end.errors.begin(), end.errors.end(), '\n'), 1) << end.errors;
    const recorded_file file = read_recorded(path); // whole up to its last chunk
    EXPECT_FALSE(file.end.has_value());
    expect_balanced(file, false);
    EXPECT_GT(file.events(), 0u);
}

TEST(recording_file, of_the_environment_is_complete_at_exit) {
    const folder files;
    const std::string path = files.path() + "/x";
    const child_end end = in_child([&] {
        set_workers(2);
        ::setenv("TWILL_RECORD", (path + "-%p-%%p.twl:full").c_str(), 1);
        tree(5);
        std::exit(7); // NOLINT(concurrency-mt-unsafe)
    });
    EXPECT_TRUE(end.exited_with(7)) << end.errors;
    EXPECT_EQ(end.errors, "");
    std::vector<std::string> names;
    for (const auto& one : std::filesystem::directory_iterator(files.path())) {
        names.push_back(one.path().string());
    }
    ASSERT_EQ(names.size(), 1u);
    const recorded_file file = read_recorded(names[0]);
    EXPECT_EQ(names[0], path + "-" + std::to_string(file.header.pid) + "-%p.twl");
    EXPECT_EQ(file.header.mode, "full");
    EXPECT_EQ(file.count(event_type::fork), 31u);
    EXPECT_TRUE(file.end.has_value());
    expect_balanced(file);
}

// Several at once, from several threads: each has to be in the file.
TEST(recording_file, of_the_environment_is_of_programs_with_runtimes_of_their_own_alone) {
    const folder files;
    const std::string path = files.path() + "/x.twl";
    const child_end end = in_child([&] {
        set_workers(2);
        ::setenv("TWILL_RECORD", (path + ":kinds").c_str(), 1);
        std::vector<std::thread> threads;
        for (int k = 0; k < 4; ++k) {
            threads.emplace_back([] {
                twill::runtime own{{.workers = 1, .name = "own"}};
                own.run([] { spin(200); });
            });
        }
        for (std::thread& one : threads) {
            one.join();
        }
        std::exit(0); // NOLINT(concurrency-mt-unsafe)
    });
    EXPECT_TRUE(end.exited_with(0)) << end.errors;
    EXPECT_EQ(end.errors, "");
    const recorded_file file = read_recorded(path);
    EXPECT_TRUE(file.end.has_value());
    ASSERT_EQ(file.runtimes.runtimes.size(), 4u);
    for (const twill::trace::runtime& one : file.runtimes.runtimes) {
        EXPECT_EQ(one.name, "own"); // and none that measures
        const twill::trace::worker& worker = one.total.workers.at(0);
        EXPECT_GE(worker.useful + worker.preempted.value_or(0), 200'000);
    }
}

TEST(recording_file, of_the_environment_is_of_mode_kinds_unless_it_says_another) {
    const folder files;
    const std::string path = files.path() + "/%p.twl";
    const auto mode_of = [&](const std::string& text) {
        std::string mode;
        const child_end end = in_child([&] {
            set_workers(2);
            ::setenv("TWILL_RECORD", text.c_str(), 1);
            tree(3);
            ASSERT_FALSE(twill::record_stop());
        });
        EXPECT_TRUE(end.exited_with(0)) << end.errors;
        for (const auto& one : std::filesystem::directory_iterator(files.path())) {
            mode = read_recorded(one.path().string()).header.mode;
            std::filesystem::remove(one.path());
        }
        return mode;
    };
    EXPECT_EQ(mode_of(path), "kinds");
    EXPECT_EQ(mode_of(path + ":kinds"), "kinds");
    EXPECT_EQ(mode_of(path + ":counters"), "counters");
    EXPECT_EQ(mode_of(path + ":full"), "full");
    EXPECT_EQ(mode_of(""), "");
}

TEST(recording_file, of_the_environment_with_another_mode_is_a_line) {
    const child_end end = in_child([] {
        set_workers(2);
        ::setenv("TWILL_RECORD", "x.twl:most", 1);
        tree(3);
    });
    EXPECT_TRUE(end.exited_with(0));
    EXPECT_EQ(end.errors, "TWILL_RECORD: expected FILE, FILE:counters, FILE:kinds or FILE:full, "
                          "got \"x.twl:most\"; using no recording\n");
    EXPECT_FALSE(std::filesystem::exists("x.twl:most"));
}

TEST(recording_file, is_not_touched_by_a_child_of_fork) {
    expect_silent_success_of(2, [](const std::string& path) {
        ASSERT_FALSE(twill::record_start(path.c_str(), record_mode::full));
        tree(4);
        const pid_t child = ::fork();
        if (child == 0) {
            tree(4);
            EXPECT_FALSE(twill::record_stop()); // there is none
            const std::string own = path + "-child";
            EXPECT_FALSE(twill::record_start(own.c_str(), record_mode::full));
            tree(3);
            EXPECT_FALSE(twill::record_stop());
            EXPECT_EQ(read_recorded(own).count(event_type::fork), 7u);
            exit_child(::testing::Test::HasFailure() ? 1 : 0);
        }
        int status = 1;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        EXPECT_EQ(status, 0);
        tree(4);
        ASSERT_FALSE(twill::record_stop());
        const recorded_file file = read_recorded(path);
        EXPECT_EQ(file.count(event_type::fork), 30u);
        EXPECT_TRUE(file.end.has_value());
        expect_balanced(file);
    });
}

} // namespace
