// SPDX-License-Identifier: Apache-2.0
#include "os/thread_state.hpp"
#include "support/eventually.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <string>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

namespace {

namespace os = twill::os;
using doing = os::thread_state::doing;
using twill::testing_support::eventually;

constexpr const char* sleeping = "Name:\ttwill-2\n"
                                 "Umask:\t0022\n"
                                 "State:\tS (sleeping)\n"
                                 "voluntary_ctxt_switches:\t12\n"
                                 "nonvoluntary_ctxt_switches:\t30\n";

TEST(thread_state, reads_name_state_and_switches) {
    os::thread_state state;
    ASSERT_TRUE(os::parse_thread_status(sleeping, state));
    EXPECT_STREQ(state.name, "twill-2");
    EXPECT_EQ(state.what, doing::sleeps);
    EXPECT_EQ(state.switches, 42U);
}

TEST(thread_state, takes_only_sleep_that_others_end_for_sleep) {
    const auto what_of = [](const std::string& line) {
        os::thread_state state;
        os::parse_thread_status(("Name:\tx\n" + line + "\n").c_str(), state);
        return state.what;
    };
    EXPECT_EQ(what_of("State:\tR (running)"), doing::runs);
    EXPECT_EQ(what_of("State:\tD (disk sleep)"), doing::runs);
    EXPECT_EQ(what_of("State:\tT (stopped)"), doing::runs);
    EXPECT_EQ(what_of("State:\tZ (zombie)"), doing::unknown);
    EXPECT_EQ(what_of("State:"), doing::unknown);
    EXPECT_EQ(what_of("Statement:\tS"), doing::unknown);
}

TEST(thread_state, cuts_a_name_and_survives_any_text) {
    os::thread_state state;
    EXPECT_TRUE(os::parse_thread_status("Name:\ta name of twenty-three\nState:\tS", state));
    EXPECT_STREQ(state.name, "a name of twent");
    EXPECT_EQ(state.switches, 0U);
    for (const char* text : {"", "\n", "Name:", "State", "\n\n\nName:\t\n"}) {
        EXPECT_FALSE(os::parse_thread_status(text, state)) << text;
    }
}

os::thread_state call_of(const std::string& text) {
    os::thread_state state;
    state.what = doing::sleeps;
    os::parse_thread_call(text.c_str(), state);
    return state;
}

std::string call_text(long number, const std::string& arguments) {
    return std::to_string(number) + " " + arguments + " 0x7ffdd2b072a8 0x7f355a0e9503\n";
}

TEST(thread_state, tells_a_wait_for_other_threads_from_one_for_a_time) {
    const os::thread_state futex =
        call_of(call_text(SYS_futex, "0x56543fb4ce50 0x189 0x0 0x0 0x0 0xffffffff"));
    EXPECT_EQ(futex.what, doing::waits_for_thread);
    EXPECT_EQ(futex.address, 0x56543fb4ce50U);
    const auto what_of = [](long number, const char* arguments) {
        return call_of(call_text(number, arguments)).what;
    };
    EXPECT_EQ(what_of(SYS_futex, "0x1000 0x189 0x0 0x7ffd0000 0x0 0x0"), doing::waits_for_time);
    EXPECT_EQ(what_of(SYS_clock_nanosleep, "0x0 0x0 0x7ffd 0x7ffd 0x0 0x0"), doing::waits_for_time);
    EXPECT_EQ(what_of(SYS_ppoll, "0x1000 0x1 0x0 0x0 0x0 0x0"), doing::waits_in_call);
    EXPECT_EQ(what_of(SYS_ppoll, "0x1000 0x1 0x7ffd 0x0 0x0 0x0"), doing::waits_for_time);
    EXPECT_EQ(what_of(SYS_epoll_pwait, "0x3 0x7ffd 0x1 0xffffffff 0x0 0x0"), doing::waits_in_call);
    EXPECT_EQ(what_of(SYS_epoll_pwait, "0x3 0x7ffd 0x1 0x64 0x0 0x0"), doing::waits_for_time);
    const os::thread_state reading = call_of(call_text(SYS_read, "0x0 0x1 0x2 0x0 0x0 0x0"));
    EXPECT_EQ(reading.what, doing::waits_in_call);
    EXPECT_EQ(reading.call, SYS_read);
}

TEST(thread_state, believes_no_text_that_says_nothing) {
    EXPECT_EQ(call_of("running\n").what, doing::runs);
    for (const char* text : {"", "-1 0x7ffd 0x7f35\n", "202", "202 0x1 0x2\n", "what\n"}) {
        EXPECT_EQ(call_of(text).what, doing::sleeps) << text;
        EXPECT_EQ(call_of(text).call, -1) << text;
    }
}

TEST(thread_state, of_the_caller_and_of_nobody) {
    errno = 12;
    EXPECT_EQ(os::state_of_thread(os::thread_number()).what, doing::runs);
    EXPECT_EQ(os::state_of_thread(0).what, doing::unknown);
    EXPECT_EQ(os::state_of_thread(-1).what, doing::unknown);
    EXPECT_EQ(errno, 12);
}

// The kernel of some sandboxes does not tell the system call.
bool kernel_tells() { return access("/proc/self/syscall", R_OK) == 0; }

TEST(thread_state, finds_a_thread_at_a_lock_and_who_holds_that) {
    std::mutex lock;
    std::atomic<int> number{0};
    EXPECT_EQ(os::holder_of_lock(reinterpret_cast<std::uintptr_t>(&lock)), 0);
    std::unique_lock held(lock);
    std::thread other([&] {
        number = os::thread_number();
        const std::lock_guard wanted(lock);
    });
    os::thread_state state;
    const auto asleep = [&] {
        state = os::state_of_thread(number);
        return state.what == doing::waits_for_thread || state.what == doing::sleeps;
    };
    if (kernel_tells()) {
        EXPECT_TRUE(eventually(asleep));
        EXPECT_EQ(state.what, doing::waits_for_thread);
        EXPECT_EQ(state.address, reinterpret_cast<std::uintptr_t>(&lock));
        EXPECT_EQ(os::holder_of_lock(state.address), os::thread_number());
    }
    held.unlock();
    other.join();
}

TEST(thread_state, asks_any_address_for_a_lock) {
    EXPECT_EQ(os::holder_of_lock(0), 0);
    EXPECT_EQ(os::holder_of_lock(~std::uint64_t{0}), 0);
    const int no_lock[3] = {1, 0, 2'000'000'000};
    EXPECT_EQ(os::holder_of_lock(reinterpret_cast<std::uintptr_t>(no_lock)), 0);
}

} // namespace
