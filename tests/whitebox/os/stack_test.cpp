// SPDX-License-Identifier: Apache-2.0
#include "os/stack.hpp"

#include "support/child.hpp"

#include <cerrno>
#include <csignal>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

namespace {

namespace os = twill::os;
using twill::testing_support::child_end;
using twill::testing_support::expect_silent_success;
using twill::testing_support::in_child;

std::uintptr_t here() { return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)); }

void expect_to_hold_this_frame(os::stack_bounds stack) {
    EXPECT_LT(stack.low, here());
    EXPECT_GT(stack.high, here());
}

TEST(stack, bounds_of_the_main_thread_follow_the_limit) {
    expect_silent_success([] {
        rlimit limit{};
        ASSERT_EQ(getrlimit(RLIMIT_STACK, &limit), 0);
        limit.rlim_cur = 4 << 20;
        ASSERT_EQ(setrlimit(RLIMIT_STACK, &limit), 0);
        const os::stack_bounds stack = os::current_stack();
        expect_to_hold_this_frame(stack);
        // Arguments and environment lie above the stack and count into the limit.
        EXPECT_LE(stack.size(), std::size_t{4} << 20);
        EXPECT_GT(stack.size(), std::size_t{3} << 20);
    });
}

TEST(stack, bounds_without_a_limit_hold_this_frame) {
    expect_silent_success([] {
        rlimit limit{};
        ASSERT_EQ(getrlimit(RLIMIT_STACK, &limit), 0);
        limit.rlim_cur = limit.rlim_max;
        ASSERT_EQ(setrlimit(RLIMIT_STACK, &limit), 0);
        expect_to_hold_this_frame(os::current_stack());
    });
}

TEST(stack, bounds_of_a_thread_leave_its_guard_out) {
    pthread_attr_t attributes;
    ASSERT_EQ(pthread_attr_init(&attributes), 0);
    ASSERT_EQ(pthread_attr_setstacksize(&attributes, 1 << 20), 0);
    ASSERT_EQ(pthread_attr_setguardsize(&attributes, 16384), 0);
    pthread_t thread{};
    const auto body = [](void*) -> void* {
        const os::stack_bounds stack = os::current_stack();
        expect_to_hold_this_frame(stack);
        EXPECT_LE(stack.size(), (std::size_t{1} << 20) + 16384);
        EXPECT_GE(stack.size(), (std::size_t{1} << 20) - 16384);
        // The lowest page can be read, the one below it cannot.
        unsigned char state = 0;
        EXPECT_EQ(::mincore(reinterpret_cast<void*>(stack.low), 1, &state), 0);
        int ends[2];
        EXPECT_EQ(::pipe(ends), 0);
        EXPECT_EQ(::write(ends[1], reinterpret_cast<const void*>(stack.low), 1), 1);
        EXPECT_EQ(::write(ends[1], reinterpret_cast<const void*>(stack.low - 1), 1), -1);
        EXPECT_EQ(errno, EFAULT);
        ::close(ends[0]);
        ::close(ends[1]);
        return nullptr;
    };
    ASSERT_EQ(pthread_create(&thread, &attributes, body, nullptr), 0);
    pthread_attr_destroy(&attributes);
    pthread_join(thread, nullptr);
}

TEST(stack, errno_stays_as_it_was) {
    errno = ENOTTY;
    os::current_stack();
    EXPECT_EQ(errno, ENOTTY);
}

TEST(stack, an_overflow_is_one_line_and_an_abort) {
    const child_end worker = in_child([] { os::stack_overflow(12, 8388608); });
    EXPECT_TRUE(worker.killed_by(SIGABRT));
    EXPECT_EQ(worker.errors,
              "twill: stack overflow on worker 12, whose stack has 8388608 bytes: set "
              "TWILL_STACK_SIZE (ulimit -s for the main thread), or recurse less\n");
    const child_end outside = in_child([] { os::stack_overflow(-1, 0); });
    EXPECT_TRUE(outside.killed_by(SIGABRT));
    EXPECT_EQ(outside.errors,
              "twill: stack overflow on a thread outside of every worker, whose stack has 0 bytes: "
              "set TWILL_STACK_SIZE (ulimit -s for the main thread), or recurse less\n");
}

TEST(stack, an_overflow_without_stderr_still_aborts) {
    const child_end end = in_child([] {
        ::close(STDERR_FILENO);
        os::stack_overflow(0, ~std::size_t{0});
    });
    EXPECT_TRUE(end.killed_by(SIGABRT));
}

} // namespace
