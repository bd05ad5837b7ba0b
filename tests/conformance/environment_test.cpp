// SPDX-License-Identifier: Apache-2.0
// worker_count() and this_worker(), the variables that set them, and that nothing starts early.
#include "child_process.hpp"
#include "support.hpp"

#include <algorithm>
#include <filesystem>
#include <sched.h>
#include <set>
#include <unistd.h>

namespace {

using namespace twill_test;

std::string default_count() {
    const child_result child = run_child({"workers"});
    return child.out.substr(0, child.out.find(' '));
}

std::string output_for(const std::string& count) { return count + " 499500 " + count + "\n"; }

TEST(environment, sets_the_number_of_workers) {
    for (const std::string count : {"1", "2", "3", "17", "4096"}) {
        const child_result child = run_child({"workers"}, {"TWILL_WORKERS=" + count});
        EXPECT_EQ(child.exit_code, 0) << count;
        EXPECT_EQ(child.out, output_for(count));
        EXPECT_EQ(child.err, "");
    }
}

TEST(environment, without_a_number_counts_the_cores_that_may_be_used) {
    cpu_set_t cores;
    CPU_ZERO(&cores);
    sched_getaffinity(0, sizeof cores, &cores);
    const child_result unset = run_child({"workers"});
    EXPECT_EQ(unset.exit_code, 0);
    EXPECT_EQ(unset.err, "");
    const int count = std::stoi(unset.out);
    EXPECT_GE(count, 1);
    EXPECT_LE(count, CPU_COUNT(&cores)); // fewer under a quota
    const child_result empty = run_child({"workers"}, {"TWILL_WORKERS="});
    EXPECT_EQ(empty.out, unset.out);
    EXPECT_EQ(empty.err, "");
}

TEST(environment, says_one_line_about_a_bad_number_of_workers) {
    const std::string count = default_count();
    for (const std::string bad :
         {"-1", "0", "4097", "two", "2x", " 2", "+2", "2 ", "1e3", "99999999999999999999", "0x2"}) {
        const child_result child = run_child({"workers"}, {"TWILL_WORKERS=" + bad});
        EXPECT_EQ(child.exit_code, 0) << bad;
        EXPECT_EQ(child.out, output_for(count)) << bad;
        EXPECT_EQ(child.err, "TWILL_WORKERS: expected an integer from 1 to 4096, got \"" + bad +
                                 "\"; using " + count + "\n");
    }
}

TEST(environment, says_one_line_about_each_other_bad_value) {
    const std::string count = default_count();
    const struct {
        std::string variable;
        std::string bad;
    } cases[] = {{"TWILL_OVERSUBSCRIBE", "yes"}, {"TWILL_OVERSUBSCRIBE", "2"},
                 {"TWILL_STACK_SIZE", "lots"},   {"TWILL_STACK_SIZE", "1"},
                 {"TWILL_STACK_SIZE", "8MB"},    {"TWILL_STACK_SIZE", "-8M"}};
    for (const auto& [variable, bad] : cases) {
        std::string assignment = variable;
        assignment += "=";
        assignment += bad;
        const child_result child = run_child({"workers"}, {assignment});
        EXPECT_EQ(child.exit_code, 0) << bad;
        EXPECT_EQ(child.out, output_for(count)) << bad;
        EXPECT_EQ(child.err.rfind(variable + ": expected ", 0), 0U) << child.err;
        EXPECT_NE(child.err.find("got \"" + bad + "\"; using "), std::string::npos) << child.err;
        EXPECT_EQ(std::count(child.err.begin(), child.err.end(), '\n'), 1) << child.err;
        EXPECT_EQ(child.err.back(), '\n');
    }
}

TEST(environment, shows_no_control_characters_and_no_endless_values) {
    const child_result child =
        run_child({"workers"}, {"TWILL_WORKERS=\x1b[31m\n" + std::string(5000, '7')});
    EXPECT_EQ(child.exit_code, 0);
    EXPECT_EQ(std::count(child.err.begin(), child.err.end(), '\n'), 1);
    EXPECT_EQ(child.err.find('\x1b'), std::string::npos);
    EXPECT_LT(child.err.size(), 300U);
}

TEST(environment, takes_good_values) {
    for (const std::string good : {"TWILL_OVERSUBSCRIBE=1", "TWILL_OVERSUBSCRIBE=0",
                                   "TWILL_OVERSUBSCRIBE=", "TWILL_STACK_SIZE=1M",
                                   "TWILL_STACK_SIZE=300000", "TWILL_STACK_SIZE=512k"}) {
        const child_result child = run_child({"workers"}, {good, "TWILL_WORKERS=3"});
        EXPECT_EQ(child.out, output_for("3")) << good;
        EXPECT_EQ(child.err, "") << good;
    }
}

// A program with more rights than its caller reads nothing of what the caller says.
TEST(environment, is_not_read_by_a_program_with_more_rights) {
    if (geteuid() != 0 || address_sanitizer || thread_sanitizer) {
        GTEST_SKIP() << "needs root, and a program without a sanitizer";
    }
    namespace fs = std::filesystem;
    const fs::path copy = fs::temp_directory_path() / ("twill-setuid-" + std::to_string(getpid()));
    fs::copy_file(CONFORMANCE_CHILD, copy);
    ASSERT_EQ(chown(copy.c_str(), 65534, 65534), 0);
    fs::permissions(copy, fs::perms(04755));
    const child_result child = run_child({"workers"}, {"TWILL_WORKERS=77"}, 0, copy);
    fs::remove(copy);
    EXPECT_EQ(child.exit_code, 0);
    EXPECT_EQ(child.out, output_for(default_count()));
    EXPECT_EQ(child.err, "");
}

TEST(first_use, starts_nothing_before_it) {
    const child_result child = run_child({"threads"}, {"TWILL_WORKERS=2"});
    EXPECT_EQ(child.exit_code, 0);
    EXPECT_EQ(child.err, "");
    long at_start = 0;
    long before = 0;
    int worker = 0;
    std::size_t workers = 1;
    int grew = 0;
    ASSERT_EQ(std::sscanf(child.out.c_str(), "%ld %ld %d %zu %d", &at_start, &before, &worker,
                          &workers, &grew),
              5);
    EXPECT_EQ(before, at_start);
    if (!thread_sanitizer) {
        EXPECT_EQ(at_start, 1);
    }
    EXPECT_EQ(worker, -1);
    EXPECT_EQ(workers, 0U);
    EXPECT_EQ(grew, 1);
}

TEST(this_worker, is_outside_or_in_range) {
    EXPECT_EQ(twill::this_worker(), -1);
    std::set<int> seen;
    EXPECT_TRUE(repeat_until_stolen(1, [&] {
        std::atomic<std::uint64_t> bits{0};
        twill::parallel_for(0, 1000, [&](int) {
            keep(work(1000));
            const int worker = twill::this_worker();
            EXPECT_GE(worker, 0);
            EXPECT_LT(worker, twill::worker_count());
            bits |= std::uint64_t{1} << (worker % 64);
        });
        for (int k = 0; k < 64; ++k) {
            if ((bits >> k & 1) != 0) {
                seen.insert(k);
            }
        }
    }));
    EXPECT_GE(seen.size(), twill::worker_count() == 1 ? 1U : 2U);
    EXPECT_EQ(twill::this_worker(), -1);
    std::thread([] { EXPECT_EQ(twill::this_worker(), -1); }).join();
    EXPECT_EQ(twill::worker_count(), twill::load().since_start.worker_count());
}

} // namespace
