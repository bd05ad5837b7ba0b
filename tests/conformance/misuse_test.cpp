// SPDX-License-Identifier: Apache-2.0
// Misuse that ends the program: with one line that says what it was.
#include "child_process.hpp"
#include "support.hpp"

#include <csignal>

namespace {

using namespace twill_test;

void expect_abort(const child_result& child, const std::string& line) {
    EXPECT_FALSE(child.timed_out);
    EXPECT_EQ(child.signal, SIGABRT) << child.exit_code;
    EXPECT_EQ(child.err.substr(0, line.size()), line);
}

TEST(misuse, exception_that_nobody_has_seen) {
    for (const std::string workers : {"1", "2"}) {
        const child_result child =
            run_child({"group_unseen_exception"}, {"TWILL_WORKERS=" + workers});
        expect_abort(
            child,
            "twill: a task_group ends with an exception of a task that no wait() has thrown\n");
        EXPECT_NE(child.err.find("nobody looks"), std::string::npos) << child.err;
    }
}

TEST(misuse, runtime_that_ends_in_its_own_task) {
    for (const std::string way : {"run", "submit", "blocking", "through another"}) {
        const std::string line = "twill: a runtime is destroyed by one of its own tasks\n";
        const child_result child = run_child({"runtime_ends_in_own_task", way});
        expect_abort(child, line);
        if (!address_sanitizer && !thread_sanitizer) {
            EXPECT_EQ(child.err, line);
        }
    }
}

TEST(misuse, thread_hook_that_waits) {
    for (const std::string when : {"start", "stop"}) {
        expect_abort(run_child({"thread_hook_waits", when}),
                     "twill: on_thread_start or on_thread_stop waits for tasks, a future or a "
                     "section\n");
    }
}

TEST(misuse, task_that_waits_for_its_own_group) {
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"group"}, std::vector<std::string>{"group", "nested"}}) {
        expect_abort(run_child(arguments, {"TWILL_WORKERS=1"}, 0, CONFORMANCE_CHILD_CHECKED),
                     "twill: a task of a task_group waits for its own group\n");
    }
}

TEST(misuse, context_where_it_does_not_belong) {
    for (const std::string how : {"outside", "elsewhere", "plain", "as_plain", "section"}) {
        SCOPED_TRACE(how);
        expect_abort(run_child({"context", how}, {"TWILL_WORKERS=2"}, 0, CONFORMANCE_CHILD_CHECKED),
                     "twill: an experimental::context is used outside of the callable that it was "
                     "given to: by another thread, under a plain verb or in a blocking section\n");
    }
    for (const std::string workers : {"1", "2"}) {
        const child_result child = run_child({"context", "right"}, {"TWILL_WORKERS=" + workers}, 0,
                                             CONFORMANCE_CHILD_CHECKED);
        EXPECT_EQ(child.exit_code, 0) << child.err;
    }
}

} // namespace
