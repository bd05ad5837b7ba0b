// SPDX-License-Identifier: Apache-2.0
// Ends of programs, verbs in the last destructors, and fork().
#include "child_process.hpp"
#include "support.hpp"

#include <csignal>

namespace {

using namespace twill_test;

class lifetime : public testing::TestWithParam<std::string> {
protected:
    [[nodiscard]] std::vector<std::string> environment() const {
        const std::string count = GetParam().substr(0, GetParam().find('_'));
        std::vector<std::string> all{"TWILL_WORKERS=" + count};
        if (GetParam() != count) {
            all.emplace_back("TWILL_OVERSUBSCRIBE=1");
        }
        return all;
    }

    static void expect_ended(const child_result& child, const std::vector<std::string>& scenario,
                             int code) {
        EXPECT_FALSE(child.timed_out) << scenario[0];
        EXPECT_EQ(child.signal != 0 ? -child.signal : child.exit_code, code)
            << scenario[0] << " signal " << child.signal;
        EXPECT_EQ(child.err, "") << scenario[0];
    }

    void expect_end(const std::vector<std::string>& scenario, int code) const {
        expect_ended(run_child(scenario, environment()), scenario, code);
    }

    /// The scenario leaves with `code`, minus a signal if that is the end. The exit itself takes a
    /// second at most, which is what is promised: once of some attempts on a busy machine, since a
    /// wait in it would be there every time.
    void expect_exit(const std::vector<std::string>& scenario, int code) const {
        constexpr int attempts = 5;
        auto best = std::chrono::nanoseconds::max();
        for (int k = 0; k < attempts && best > std::chrono::seconds(1); ++k) {
            const child_result child = run_child(scenario, environment());
            expect_ended(child, scenario, code);
            const std::string stamp = "leaves at ";
            const std::size_t found = child.out.rfind(stamp);
            ASSERT_NE(found, std::string::npos) << scenario[0];
            const std::chrono::nanoseconds begin(
                std::stoll(child.out.substr(found + stamp.size())));
            best = std::min(best, child.end.time_since_epoch() - begin);
        }
        EXPECT_LE(best, slow_exits ? child_patience : std::chrono::seconds(1)) << scenario[0];
    }

private:
    // Sanitizers look through all memory, or wait for threads, at the end.
    static constexpr bool slow_exits = address_sanitizer || thread_sanitizer;
};

INSTANTIATE_TEST_SUITE_P(workers, lifetime, testing::Values("1", "2", "8", "8_oversubscribed"),
                         [](const auto& parameter) { return "workers_" + parameter.param; });

TEST_P(lifetime, ends_with_work_in_flight) {
    for (const std::string way : {"return", "exit", "quick_exit", "_exit"}) {
        expect_exit({"exit_in_main", way}, 3);
    }
    expect_exit({"exit_in_main", "signal"}, -SIGTERM);
}

TEST_P(lifetime, ends_from_a_task) {
    for (const std::string way : {"exit", "quick_exit", "_exit"}) {
        expect_exit({"exit_in_task", way}, 4);
        expect_exit({"exit_in_section", way}, 4);
        if (GetParam() != "1") {
            expect_exit({"exit_on_runtime_thread", way}, 5);
        }
    }
}

TEST_P(lifetime, ends_with_groups_and_runtimes_in_flight) {
    for (const std::string way : {"return", "exit", "quick_exit", "_exit"}) {
        expect_exit({"exit_with_everything", way}, 3);
    }
    expect_exit({"exit_with_everything", "signal"}, -SIGTERM);
    for (const std::string way : {"exit", "quick_exit", "_exit"}) {
        expect_exit({"exit_with_everything_in_task", way}, 4);
    }
}

TEST_P(lifetime, ends_from_a_handler_with_work_in_flight) {
    for (const std::string handler : {"atexit", "destructor"}) {
        expect_exit({"exit_with_handler", handler, "_exit"}, 9);
        expect_exit({"exit_with_handler", handler, "returns"}, 9);
    }
}

TEST_P(lifetime, ends_with_a_static_runtime) {
    for (const std::string where : {"run", "submit", "section"}) {
        expect_exit({"exit_in_task_of_static_runtime", where}, 7);
    }
    const child_result child = run_child({"exit_with_static_runtime"}, environment());
    EXPECT_EQ(child.exit_code, 8) << child.signal;
    EXPECT_EQ(child.out, "100\n");
}

TEST_P(lifetime, says_that_a_runtime_is_destroyed_by_its_own_task) {
    const child_result child = run_child({"destroy_in_own_task"}, environment());
    EXPECT_EQ(child.signal, SIGABRT);
    EXPECT_EQ(child.err, "twill: a runtime is destroyed by one of its own tasks\n");
}

TEST_P(lifetime, ends_while_its_threads_sleep) {
    if (GetParam() != "1") {
        expect_exit({"exit_idle"}, 6);
    }
}

TEST_P(lifetime, has_verbs_to_the_last) {
    // sum of i % 7 below 100'000 is 299'995; the scenario prints it modulo 1000, plus one
    const std::string at_end = "thread_local 996\nlocal static 996\natexit 996\nstatic 996\n";
    const child_result used = run_child({"verbs_at_exit", "used"}, environment());
    EXPECT_EQ(used.exit_code, 0) << used.signal;
    EXPECT_EQ(used.out, "main 996\n" + at_end);
    EXPECT_EQ(used.err, "");
    const child_result unused = run_child({"verbs_at_exit", "unused"}, environment());
    EXPECT_EQ(unused.exit_code, 0) << unused.signal;
    EXPECT_EQ(unused.out, at_end);
    EXPECT_EQ(unused.err, "");
}

// Verbs, groups and a runtime before main() and after it, and work that is handed in before main()
// or left over by it.
TEST_P(lifetime, serves_static_constructors_and_destructors) {
    const child_result child = run_child({}, environment(), 0, CONFORMANCE_CHILD_STATICS);
    EXPECT_FALSE(child.timed_out);
    EXPECT_EQ(child.exit_code, 0) << child.signal;
    EXPECT_EQ(child.err, "");
    const std::string without = ": 2998 4950\n";
    const std::string with_runtime = ": 2998 4950 7948 2998\n";
    EXPECT_EQ(child.out, "older" + without + "younger" + with_runtime + "main" + with_runtime +
                             "group: 100\n" + "younger" + with_runtime + "older" + without +
                             "wrong: 0\nran: 200 101\n");
}

TEST_P(lifetime, begins_afresh_after_fork) {
    expect_end({"fork_before_use"}, 0);
    if (GetParam() != "1") {
        expect_end({"fork_after_use"}, 0);
    }
    expect_end({"fork_while_others_work"}, 0);
    expect_end({"fork_with_objects"}, 0);
}

// AddressSanitizer may move the variables of a function to a stack of its own making, which looks
// for uses after the return.
TEST_P(lifetime, is_the_same_on_fake_stacks) {
    if (!address_sanitizer) {
        GTEST_SKIP() << "there are none";
    }
    std::vector<std::string> with_fake_stacks = environment();
    with_fake_stacks.emplace_back("ASAN_OPTIONS=detect_stack_use_after_return=1:detect_leaks=0");
    const std::vector<std::vector<std::string>> scenarios{{"fork_before_use"},
                                                          {"fork_while_others_work"},
                                                          {"fork_with_objects"},
                                                          {"verbs_at_exit", "used"},
                                                          {"fork_inside_a_task_and_exec"}};
    for (const auto& scenario : scenarios) {
        expect_ended(run_child(scenario, with_fake_stacks), scenario, 0);
    }
    expect_ended(run_child({"exit_in_task", "exit"}, with_fake_stacks), {"exit_in_task"}, 4);
    expect_ended(run_child({"exit_with_everything", "return"}, with_fake_stacks),
                 {"exit_with_everything"}, 3);
    expect_ended(run_child({}, with_fake_stacks, 0, CONFORMANCE_CHILD_STATICS), {"statics"}, 0);
}

// However long a busy machine takes for a thousand processes.
TEST(lifetime, forks_a_thousand_times) {
    const child_result child =
        run_child({"fork_many_times", std::to_string(scaled(1000))}, {"TWILL_WORKERS=2"});
    EXPECT_FALSE(child.timed_out);
    EXPECT_EQ(child.exit_code, 0) << child.signal;
    EXPECT_EQ(child.err, "");
}

TEST_P(lifetime, ends_the_child_that_comes_back_from_inside_a_task) {
    std::vector<std::string> places{"fork", "nested", "loop", "group", "blocking", "submission"};
    if (GetParam() != "1") {
        places.emplace_back("thread");
    }
    for (const std::string& where : places) {
        const child_result child = run_child({"fork_inside_a_task", where}, environment());
        EXPECT_FALSE(child.timed_out) << where;
        EXPECT_EQ(child.exit_code, 0) << where << " signal " << child.signal;
        EXPECT_EQ(child.err.find("twill: a task has called fork()"), 0u) << where << child.err;
        EXPECT_EQ(child.err.find('\n'), child.err.size() - 1) << where << child.err;
    }
    expect_end({"fork_inside_a_task_and_exec"}, 0);
}

} // namespace
