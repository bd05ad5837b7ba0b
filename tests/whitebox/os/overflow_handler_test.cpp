// SPDX-License-Identifier: Apache-2.0
// What the handler of stack overflows does with an overflow, and with the stacks it needs for that.
#include "os/stack.hpp"

#include "support/child.hpp"
#include "support/recursion.hpp"
#include "support/started_thread.hpp"

#include <cerrno>
#include <csignal>
#include <string>
#include <sys/mman.h>
#include <sys/resource.h>

namespace {

namespace os = twill::os;
using twill::testing_support::child_end;
using twill::testing_support::expect_silent_success;
using twill::testing_support::in_child;
using twill::testing_support::on_started_thread;
using twill::testing_support::overflow_this_stack;

constexpr std::size_t small_stack = 256 * 1024;

int worker_three() noexcept { return 3; }
int outside() noexcept { return -1; }

std::string line_about(const std::string& who, std::size_t size) {
    return "twill: stack overflow on " + who + ", whose stack has " + std::to_string(size) +
           " bytes: set TWILL_STACK_SIZE (ulimit -s for the main thread), or recurse less\n";
}

stack_t alternate_stack() {
    stack_t found{};
    EXPECT_EQ(sigaltstack(nullptr, &found), 0);
    return found;
}

TEST(overflow_handler, names_the_worker_and_aborts) {
    const child_end end = in_child([] {
        os::install_overflow_handler();
        on_started_thread("twill", small_stack, [] {
            EXPECT_TRUE(os::register_overflow_stack(&worker_three));
            overflow_this_stack();
        });
    });
    EXPECT_TRUE(end.killed_by(SIGABRT)) << end.status;
    EXPECT_TRUE(end.errors.starts_with("twill: stack overflow on worker 3, whose stack has "));
    EXPECT_EQ(end.errors.find('\n'), end.errors.size() - 1);
}

TEST(overflow_handler, tells_the_size_that_the_stack_has) {
    const child_end end = in_child([] {
        os::install_overflow_handler();
        on_started_thread("twill", small_stack, [] {
            os::register_overflow_stack(&worker_three);
            const std::string size = std::to_string(os::current_stack().size()) + '\n';
            EXPECT_GT(::write(STDERR_FILENO, size.data(), size.size()), 0);
            overflow_this_stack();
        });
    });
    const std::size_t size = std::stoul(end.errors);
    EXPECT_EQ(end.errors.substr(end.errors.find('\n') + 1), line_about("worker 3", size));
}

TEST(overflow_handler, knows_the_main_threads_stack) {
    const child_end end = in_child([] {
        rlimit limit{};
        getrlimit(RLIMIT_STACK, &limit);
        limit.rlim_cur = 1 << 20;
        setrlimit(RLIMIT_STACK, &limit);
        os::install_overflow_handler();
        EXPECT_TRUE(os::register_overflow_stack(&outside));
        overflow_this_stack();
    });
    EXPECT_TRUE(end.killed_by(SIGABRT)) << end.status;
    EXPECT_TRUE(end.errors.starts_with("twill: stack overflow on a thread outside of every worker"))
        << end.errors;
}

TEST(overflow_handler, leaves_an_overflow_of_a_strange_thread_to_the_system) {
    const child_end end = in_child([] {
        std::signal(SIGSEGV, SIG_DFL);
        os::install_overflow_handler();
        on_started_thread("strange", small_stack, [] { overflow_this_stack(); });
    });
    EXPECT_TRUE(end.killed_by(SIGSEGV)) << end.status;
    EXPECT_EQ(end.errors, "");
}

TEST(overflow_handler, a_thread_that_unregistered_is_strange_again) {
    const child_end end = in_child([] {
        std::signal(SIGSEGV, SIG_DFL);
        os::install_overflow_handler();
        on_started_thread("twill", small_stack, [] {
            EXPECT_TRUE(os::register_overflow_stack(&worker_three));
            os::unregister_overflow_stack();
            overflow_this_stack();
        });
    });
    EXPECT_TRUE(end.killed_by(SIGSEGV)) << end.status;
    EXPECT_EQ(end.errors, "");
}

TEST(overflow_handler, gives_and_takes_an_alternate_stack) {
    expect_silent_success([] {
        const stack_t none{nullptr, SS_DISABLE, 0};
        ASSERT_EQ(sigaltstack(&none, nullptr), 0);
        errno = ENOTTY;
        EXPECT_TRUE(os::register_overflow_stack(&outside));
        EXPECT_EQ(errno, ENOTTY);
        const stack_t given = alternate_stack();
        EXPECT_EQ(given.ss_flags & SS_DISABLE, 0);
        EXPECT_GE(given.ss_size, 256u * 1024);
        EXPECT_TRUE(os::register_overflow_stack(&outside)); // once is enough
        EXPECT_EQ(alternate_stack().ss_sp, given.ss_sp);
        os::unregister_overflow_stack();
        EXPECT_EQ(errno, ENOTTY);
        EXPECT_NE(alternate_stack().ss_flags & SS_DISABLE, 0);
        unsigned char state = 0;
        EXPECT_EQ(::mincore(given.ss_sp, 4096, &state), -1) << "the memory is still there";
        os::unregister_overflow_stack();
        EXPECT_TRUE(os::register_overflow_stack(&outside));
        os::unregister_overflow_stack();
    });
}

TEST(overflow_handler, keeps_the_users_alternate_stack) {
    expect_silent_success([] {
        static char mine[64 * 1024];
        stack_t own{};
        own.ss_sp = mine;
        own.ss_size = sizeof mine;
        ASSERT_EQ(sigaltstack(&own, nullptr), 0);
        EXPECT_TRUE(os::register_overflow_stack(&outside));
        EXPECT_EQ(alternate_stack().ss_sp, mine);
        EXPECT_EQ(alternate_stack().ss_size, sizeof mine);
        os::unregister_overflow_stack();
        EXPECT_EQ(alternate_stack().ss_sp, mine);
    });
}

TEST(overflow_handler, keeps_an_alternate_stack_that_came_later) {
    expect_silent_success([] {
        const stack_t none{nullptr, SS_DISABLE, 0};
        ASSERT_EQ(sigaltstack(&none, nullptr), 0);
        EXPECT_TRUE(os::register_overflow_stack(&outside));
        static char mine[64 * 1024];
        stack_t own{};
        own.ss_sp = mine;
        own.ss_size = sizeof mine;
        ASSERT_EQ(sigaltstack(&own, nullptr), 0);
        os::unregister_overflow_stack();
        EXPECT_EQ(alternate_stack().ss_sp, mine);
    });
}

TEST(overflow_handler, installing_again_changes_nothing) {
    expect_silent_success([] {
        os::install_overflow_handler();
        struct sigaction first{};
        sigaction(SIGSEGV, nullptr, &first);
        os::install_overflow_handler();
        struct sigaction again{};
        sigaction(SIGSEGV, nullptr, &again);
        EXPECT_EQ(first.sa_sigaction, again.sa_sigaction);
        EXPECT_NE(again.sa_flags & SA_ONSTACK, 0);
    });
}

} // namespace
