// SPDX-License-Identifier: Apache-2.0
// TWILL_WATCHDOG: what it tells about a program that stands still, and that it tells nothing else.
#include "child_process.hpp"
#include "support.hpp"

#include <algorithm>
#include <future>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

namespace {

using namespace twill_test;

const std::string thread_text = "(worker|guest) [0-9]+ \\(thread [0-9]+, [^)]+\\)";
const std::string guest_text = "guest [0-9]+ \\(thread [0-9]+, [^)]+\\)";
const std::string futex_text = "asleep in futex on 0x[0-9a-f]+, ";

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(line);
    }
    return lines;
}

/// A report about a runtime: its first line, then one line for each of `threads` in any order, then
/// the hint. All are regular expressions for what follows "twill: watchdog: ".
void expect_report(const std::string& text, const std::string& runtime,
                   std::vector<std::string> threads, const std::string& hint) {
    const std::string begin = "twill: watchdog: ";
    std::vector<std::string> lines = lines_of(text);
    const std::size_t count = threads.size();
    ASSERT_EQ(lines.size(), count + 2) << text;
    const auto matches = [&](const std::string& line, const std::string& pattern) {
        return std::regex_match(line, std::regex(begin + pattern));
    };
    EXPECT_TRUE(matches(lines.front(), "runtime \"" + runtime + "\" stands still since [0-9]+ s: " +
                                           std::to_string(count) +
                                           (count == 1 ? " thread waits" : " threads wait")))
        << lines.front();
    EXPECT_TRUE(matches(lines.back(), "hint: " + hint)) << lines.back();
    for (std::size_t k = 1; k <= count; ++k) {
        const auto found =
            std::find_if(threads.begin(), threads.end(),
                         [&](const std::string& one) { return matches(lines[k], one); });
        if (found == threads.end()) {
            ADD_FAILURE() << "not expected: " << lines[k];
        } else {
            threads.erase(found);
        }
    }
}

struct watched {
    std::string scenario;
    int workers = 2;
    bool operator<(const watched& other) const {
        return std::tie(scenario, workers) < std::tie(other.scenario, other.workers);
    }
};

// The children mostly sleep until the watchdog speaks, so the first test that wants one starts all.
std::map<watched, std::future<child_result>> start_all() {
    std::map<watched, std::future<child_result>> all;
    for (const watched& one : std::vector<watched>{
#if defined(NDEBUG)
             {"own_group", 1},
             {"own_group", 2},
#endif
             {"own_submission"},
             {"in_child_of_fork"},
             {"crossed_locks"},
             {"crossed_conditions"},
             {"endless_section"},
             {"lock_held_while_entering", 1},
             {"runtime_that_cannot_end"},
             {"twice"},
             {"healthy"}}) {
        all[one] = std::async(std::launch::async, [one] {
            return run_child({"watchdog_" + one.scenario},
                             {"TWILL_WATCHDOG=1", "TWILL_WORKERS=" + std::to_string(one.workers)});
        });
    }
    return all;
}

child_result run_watched(const std::string& scenario, int workers = 2) {
    static std::map<watched, std::future<child_result>> all = start_all();
    return all.at({scenario, workers}).get();
}

#if defined(NDEBUG) // a debug build refuses that wait at once
TEST(watchdog, tells_of_a_task_that_waits_for_its_own_group) {
    for (const int workers : {1, 2}) {
        const child_result child = run_watched("own_group", workers);
        EXPECT_EQ(child.exit_code, 0);
        const std::string group = " at 0x[0-9a-f]+: 1 thread is at its tasks, none of them yet to "
                                  "begin, for [0-9]+ s";
        std::vector<std::string> threads{
            thread_text + ": waits for its own group, of which it runs a task," + group};
        if (lines_of(child.err).size() > 3) { // a worker was faster than the wait
            threads.push_back(guest_text + ": waits for the group" + group);
        }
        expect_report(child.err, "twill", threads, "a task must not wait for its own group, .*");
    }
}
#endif

void expect_own_submission(const child_result& child) {
    EXPECT_EQ(child.exit_code, 0);
    expect_report(
        child.err, "solver",
        {"worker 0 \\(thread [0-9]+, solver-0\\): waits for the submission at 0x[0-9a-f]+ that it "
         "runs, for [0-9]+ s",
         "outside \\(thread [0-9]+, .+\\): waits for the submission at 0x[0-9a-f]+ that worker 0 "
         "\\(thread [0-9]+, solver-0\\) runs, for [0-9]+ s"},
        "a submission must not wait for its own future");
}

TEST(watchdog, tells_of_a_submission_that_waits_for_its_own_future) {
    expect_own_submission(run_watched("own_submission"));
}

TEST(watchdog, looks_after_the_child_of_a_fork_too) {
    expect_own_submission(run_watched("in_child_of_fork"));
}

TEST(watchdog, tells_who_holds_the_lock_that_a_task_wants) {
    if (thread_sanitizer) {
        GTEST_SKIP() << "ThreadSanitizer tells of the order of the locks itself";
    }
    const child_result child = run_watched("crossed_locks");
    EXPECT_EQ(child.exit_code, 0);
    const std::string wanted = ": in a task, " + futex_text + "a lock of the program that ";
    expect_report(child.err, "twill",
                  {"guest 0 .+" + wanted + "worker [0-9]+ .+ holds",
                   "worker [0-9]+ .+" + wanted + "guest 0 .+ holds"},
                  "tasks wait for locks or conditions of the program, .+");
}

TEST(watchdog, tells_of_tasks_that_wait_for_each_other_by_conditions) {
    const child_result child = run_watched("crossed_conditions");
    EXPECT_EQ(child.exit_code, 0);
    const std::string asleep =
        thread_text + ": in a task, " + futex_text + "a lock or condition of the program";
    expect_report(child.err, "twill", {asleep, asleep},
                  "tasks wait for locks or conditions of the program, .+");
}

TEST(watchdog, tells_whom_a_join_waits_for_and_where_that_one_sleeps) {
    const child_result child = run_watched("endless_section");
    EXPECT_EQ(child.exit_code, 0);
    expect_report(child.err, "twill",
                  {guest_text + ": waits for a task that worker [0-9]+ \\(thread [0-9]+, "
                                "twill-[0-9]+\\) runs, for [0-9]+ s",
                   "worker [0-9]+ .+: in a blocking section, " + futex_text +
                       "a lock or condition of the program, for [0-9]+ s"},
                  "\"gdb -p [0-9]+\" .+");
}

TEST(watchdog, names_the_lock_that_is_held_while_entering) {
    const child_result child = run_watched("lock_held_while_entering", 1);
    EXPECT_EQ(child.exit_code, 0);
    expect_report(
        child.err, "twill",
        {"guest [0-9]+ .+: in a task, " + futex_text + "a lock of the program that " + guest_text +
             " holds",
         guest_text + ": waits for a place, to enter from outside, for [0-9]+ s"},
        "a lock that tasks take must not be held while entering from outside: " + guest_text +
            " waits for a place, and a task on one wants the lock at 0x[0-9a-f]+");
}

TEST(watchdog, tells_of_a_runtime_that_cannot_end) {
    const child_result child = run_watched("runtime_that_cannot_end");
    EXPECT_EQ(child.exit_code, 0);
    expect_report(child.err, "solver",
                  {"worker 0 .+: in a task, " + futex_text + "a lock or condition of the program",
                   "outside .+: waits for the end of all tasks, to destroy the runtime, for [0-9]+ "
                   "s"},
                  "tasks wait for locks or conditions of the program, .+");
}

TEST(watchdog, tells_each_standstill_once) {
    const child_result child = run_watched("twice");
    EXPECT_EQ(child.exit_code, 0);
    EXPECT_FALSE(child.timed_out);
    int reports = 0;
    for (const std::string& line : lines_of(child.err)) {
        reports += line.find("stands still since") != std::string::npos ? 1 : 0;
    }
    EXPECT_EQ(reports, 2) << child.err;
}

TEST(watchdog, is_silent_about_what_only_takes_long) {
    const child_result child = run_watched("healthy");
    EXPECT_EQ(child.exit_code, 0);
    EXPECT_EQ(child.err, "");
}

TEST(watchdog, says_one_line_about_a_bad_value) {
    for (const std::string bad : {"0", "-1", "86401", "1s", "soon"}) {
        const child_result child = run_child({"workers"}, {"TWILL_WATCHDOG=" + bad});
        EXPECT_EQ(child.exit_code, 0) << bad;
        EXPECT_EQ(child.err, "TWILL_WATCHDOG: expected an integer from 1 to 86400, got \"" + bad +
                                 "\"; using 0\n");
    }
}

} // namespace
