// SPDX-License-Identifier: Apache-2.0
#include "os/thread_times.hpp"

#include "os/clock.hpp"
#include "support/child.hpp"
#include "twill/detail/atomic.hpp"

#include <cerrno>
#include <cstdlib>
#include <dirent.h>
#include <fcntl.h>
#include <string>
#include <thread>
#include <time.h>
#include <unistd.h>

namespace {

namespace os = twill::os;
namespace detail = twill::detail;
using twill::testing_support::expect_silent_success;

std::int64_t own_cpu() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

/// The open descriptors that lead to a schedstat file.
std::string schedstat_descriptors() {
    std::string found;
    DIR* const folder = ::opendir("/proc/self/fd");
    while (const dirent* entry = ::readdir(folder)) { // NOLINT(concurrency-mt-unsafe)
        char target[256];
        const std::string link = std::string("/proc/self/fd/") + entry->d_name;
        const ssize_t length = ::readlink(link.c_str(), target, sizeof target);
        if (length > 0 &&
            std::string(target, static_cast<std::size_t>(length)).ends_with("/schedstat")) {
            found += found.empty() ? entry->d_name : std::string(" ") + entry->d_name;
        }
    }
    ::closedir(folder);
    return found;
}

TEST(thread_times, cpu_is_the_threads_own_clock) {
    os::thread_times times;
    times.open();
    const std::int64_t end = own_cpu() + 20'000'000;
    for (std::int64_t before = own_cpu(); before < end; before = own_cpu()) {
        const std::int64_t told = times.cpu();
        ASSERT_GE(told, before);
        ASSERT_LE(told, own_cpu());
    }
    times.close();
}

TEST(thread_times, are_read_from_another_thread) {
    os::thread_times times;
    detail::atomic<std::uint32_t> stage{0};
    std::thread sleeper([&] {
        times.open();
        stage.store(1, detail::release);
        detail::futex_wake(stage, 1);
        while (stage.load(detail::acquire) != 2) {
            detail::futex_wait(stage, 1);
        }
        times.close();
    });
    while (stage.load(detail::acquire) != 1) {
        detail::futex_wait(stage, 0);
    }
    const std::int64_t end = os::monotonic_nanoseconds() + 50'000'000;
    while (os::monotonic_nanoseconds() < end) { // busy here, asleep there
    }
    EXPECT_GE(times.cpu(), 0);
    EXPECT_LT(times.cpu(), 40'000'000);
    stage.store(2, detail::release);
    detail::futex_wake(stage, 1);
    sleeper.join();
}

TEST(thread_times, run_delay_is_what_the_kernel_says) {
    os::thread_times times;
    times.open();
    if (schedstat_descriptors().empty()) {
        EXPECT_EQ(times.run_delay(), -1);
        GTEST_SKIP() << "this kernel keeps no run delay";
    }
    // It only grows, and cannot be more than the time that has passed on this thread's lifetime.
    std::int64_t last = times.run_delay();
    EXPECT_GE(last, 0);
    for (int k = 0; k < 100; ++k) {
        detail::yield_slice();
        const std::int64_t now = times.run_delay();
        EXPECT_GE(now, last);
        last = now;
    }
    EXPECT_LE(last, os::monotonic_nanoseconds());
    times.close();
}

TEST(thread_times, unknown_before_open_and_after_close) {
    os::thread_times times;
    EXPECT_EQ(times.cpu(), -1);
    EXPECT_EQ(times.run_delay(), -1);
    times.close(); // nothing to do
    const std::string before = schedstat_descriptors();
    times.open();
    times.close();
    EXPECT_EQ(times.cpu(), -1);
    EXPECT_EQ(times.run_delay(), -1);
    EXPECT_EQ(schedstat_descriptors(), before);
    times.open(); // the next thread on the same account
    EXPECT_GE(times.cpu(), 0);
    times.close();
}

TEST(thread_times, a_descriptor_that_became_somebody_elses_is_left_alone) {
    expect_silent_success([] {
        os::thread_times times;
        times.open();
        const std::string number = schedstat_descriptors();
        if (number.empty()) {
            return;
        }
        const int descriptor = std::atoi(number.c_str());
        ::close(descriptor); // what daemons do with all descriptors they find
        const int strange = ::open("/dev/zero", O_RDONLY | O_CLOEXEC);
        ASSERT_EQ(::dup2(strange, descriptor), descriptor);
        EXPECT_EQ(times.run_delay(), -1);
        times.close();
        EXPECT_NE(::fcntl(descriptor, F_GETFD), -1);
    });
}

TEST(thread_times, leave_errno_as_it_was) {
    expect_silent_success([] {
        os::thread_times times;
        errno = ENOTTY;
        times.open();
        static_cast<void>(times.cpu());
        static_cast<void>(times.run_delay());
        times.close();
        EXPECT_EQ(errno, ENOTTY);
        times.open();
        const std::string number = schedstat_descriptors();
        if (!number.empty()) {
            ::close(std::atoi(number.c_str()));
        }
        errno = ENOTTY;
        EXPECT_EQ(times.run_delay(), -1);
        times.close();
        EXPECT_EQ(errno, ENOTTY);
    });
}

} // namespace
