// SPDX-License-Identifier: Apache-2.0
// Ends of programs, verbs in the last destructors, and fork().
#include "child_process.hpp"
#include "support.hpp"

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

    void expect_end(const std::vector<std::string>& scenario, int code) const {
        const child_result child = run_child(scenario, environment());
        EXPECT_FALSE(child.timed_out) << scenario[0];
        EXPECT_EQ(child.exit_code, code) << scenario[0] << " signal " << child.signal;
        EXPECT_EQ(child.err, "") << scenario[0];
        // A second is what is promised; the rest is for the start and for a busy machine.
        EXPECT_LT(child.seconds, 10) << scenario[0];
    }
};

INSTANTIATE_TEST_SUITE_P(workers, lifetime, testing::Values("1", "2", "8", "8_oversubscribed"),
                         [](const auto& parameter) { return "workers_" + parameter.param; });

TEST_P(lifetime, ends_with_work_in_flight) {
    for (const std::string way : {"return", "exit", "quick_exit", "_exit"}) {
        expect_end({"exit_in_main", way}, 3);
    }
}

TEST_P(lifetime, ends_from_a_task) {
    for (const std::string way : {"exit", "quick_exit", "_exit"}) {
        expect_end({"exit_in_task", way}, 4);
        if (GetParam() != "1") {
            expect_end({"exit_on_runtime_thread", way}, 5);
        }
    }
}

TEST_P(lifetime, ends_while_its_threads_sleep) {
    if (GetParam() != "1") {
        expect_end({"exit_idle"}, 6);
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

TEST_P(lifetime, begins_afresh_after_fork) {
    expect_end({"fork_before_use"}, 0);
    if (GetParam() != "1") {
        expect_end({"fork_after_use"}, 0);
    }
    expect_end({"fork_while_others_work"}, 0);
}

} // namespace
