// SPDX-License-Identifier: Apache-2.0
// Deep recursion: it ends right, or with one line that says what to do. Other faults are passed on.
#include "child_process.hpp"
#include "support.hpp"

#include <algorithm>
#include <csignal>
#include <regex>

namespace {

using namespace twill_test;

constexpr std::size_t kibibyte = 1024;
constexpr std::size_t mebibyte = 1024 * kibibyte;
constexpr std::size_t gibibyte = 1024 * mebibyte;

/// Is this the line of a stack overflow, and nothing else? `size` is what the stack was to have,
/// give or take what the system puts at its high end; 0 for any.
testing::AssertionResult is_overflow(const child_result& child, std::size_t size) {
    static const std::regex line("twill: stack overflow on worker [0-9]+, whose stack has ([0-9]+) "
                                 "bytes: [^\n]*TWILL_STACK_SIZE[^\n]*\n");
    std::smatch found;
    if (!std::regex_match(child.err, found, line)) {
        return testing::AssertionFailure() << "stderr: " << child.err << " signal " << child.signal
                                           << " exit code " << child.exit_code;
    }
    const std::size_t said = std::stoull(found[1]);
    if (size != 0 && (said > size || said + 64 * kibibyte < size)) {
        return testing::AssertionFailure() << "size in: " << child.err;
    }
    if (child.signal != SIGABRT) {
        return testing::AssertionFailure() << "ended by signal " << child.signal;
    }
    return testing::AssertionSuccess();
}

struct place {
    const char* where;
    /// Of the stack that the recursion runs on.
    std::size_t size;

    [[nodiscard]] child_result run(std::vector<std::string> scenario, std::size_t stack) const {
        scenario.insert(scenario.begin() + 1, where);
        const bool runtime = std::string(where) == "runtime";
        // On main alone: a thief may be the first at the end of its stack.
        std::vector<std::string> environment{runtime ? "TWILL_WORKERS=2" : "TWILL_WORKERS=1"};
        if (runtime) {
            environment.push_back("TWILL_STACK_SIZE=" + std::to_string(stack));
        }
        return run_child(scenario, environment, runtime ? 0 : stack);
    }
};

class overflow : public testing::TestWithParam<place> {};
INSTANTIATE_TEST_SUITE_P(stacks, overflow,
                         testing::Values(place{"main", mebibyte}, place{"runtime", 256 * kibibyte}),
                         [](const auto& parameter) {
                             return std::string("on_") + parameter.param.where;
                         });

TEST_P(overflow, of_forks_is_one_line) {
    EXPECT_TRUE(
        is_overflow(GetParam().run({"overflow_in_forks"}, GetParam().size), GetParam().size));
}

TEST_P(overflow, of_loops_is_one_line) {
    EXPECT_TRUE(
        is_overflow(GetParam().run({"overflow_in_a_loop"}, GetParam().size), GetParam().size));
}

// No fork is there to look: the guard below the stack tells.
TEST_P(overflow, of_serial_code_in_a_task_is_one_line) {
    EXPECT_TRUE(
        is_overflow(GetParam().run({"overflow_in_serial_code"}, GetParam().size), GetParam().size));
}

TEST_P(overflow, does_not_come_to_a_million_nested_forks_on_a_large_stack) {
    if (thread_sanitizer) {
        GTEST_SKIP() << "the sanitizer's own stack of calls is smaller";
    }
    const std::string depth = address_sanitizer ? "100000" : "1000000";
    const child_result child = GetParam().run({"nested_forks", depth}, 4 * gibibyte);
    if (child.exit_code == 0) {
        EXPECT_EQ(child.out, depth + "\n");
        EXPECT_EQ(child.err, "");
    } else {
        EXPECT_TRUE(is_overflow(child, 0)); // a hard limit below what was asked for
    }
}

TEST_P(overflow, of_a_million_nested_forks_on_a_small_stack_is_one_line) {
    EXPECT_TRUE(
        is_overflow(GetParam().run({"nested_forks", "1000000"}, GetParam().size), GetParam().size));
}

class fault : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(threads, fault, testing::Values("main", "runtime"),
                         [](const auto& parameter) {
                             return std::string("on_") + parameter.param;
                         });

TEST_P(fault, in_a_task_goes_to_the_handler_of_the_user) {
    for (const char* when : {"before", "after"}) {
        const child_result child =
            run_child({"fault_in_task", GetParam(), when}, {"TWILL_WORKERS=2"});
        EXPECT_EQ(child.exit_code, 7) << when << " signal " << child.signal << child.err;
        EXPECT_EQ(child.out, "user's handler: right\n") << when;
        EXPECT_EQ(child.err, "") << when;
    }
}

TEST_P(fault, without_a_handler_of_the_user_ends_the_program_as_ever) {
    const child_result child =
        run_child({"fault_in_task", GetParam(), "never"}, {"TWILL_WORKERS=2"});
    if (address_sanitizer || thread_sanitizer) {
        // Their handler was there first; it is passed on to.
        EXPECT_NE(child.err.find("SEGV"), std::string::npos) << child.err;
    } else {
        EXPECT_EQ(child.signal, SIGSEGV);
        EXPECT_EQ(child.err, "");
    }
}

TEST(alternate_stack, of_the_user_is_kept) {
    const child_result child = run_child({"alternate_stack"}, {"TWILL_WORKERS=2"});
    EXPECT_EQ(child.exit_code, 0) << child.signal << child.err;
}

} // namespace
