// SPDX-License-Identifier: Apache-2.0
#include "os/thread.hpp"

#include "os/stack.hpp"
#include "support/child.hpp"
#include "support/sanitizers.hpp"
#include "support/started_thread.hpp"
#include "twill/detail/atomic.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <pthread.h>
#include <sched.h>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

namespace {

namespace os = twill::os;
namespace detail = twill::detail;
using twill::testing_support::child_end;
using twill::testing_support::expect_silent_success;
using twill::testing_support::in_child;
using twill::testing_support::on_started_thread;
using twill::testing_support::sanitized;

constexpr std::size_t mebibyte = std::size_t{1} << 20;

std::string own_name() {
    char name[32] = "";
    EXPECT_EQ(pthread_getname_np(pthread_self(), name, sizeof name), 0);
    return name;
}

std::size_t resident_bytes() {
    std::FILE* const file = std::fopen("/proc/self/statm", "re");
    unsigned long whole = 0;
    unsigned long resident = 0;
    EXPECT_EQ(std::fscanf(file, "%lu %lu", &whole, &resident), 2);
    std::fclose(file);
    return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

TEST(thread, has_its_name_cut_to_what_the_kernel_holds) {
    on_started_thread("twill-3", mebibyte, [] { EXPECT_EQ(own_name(), "twill-3"); });
    on_started_thread("a-name-of-more-than-15-characters", mebibyte,
                      [] { EXPECT_EQ(own_name(), "a-name-of-more-"); });
}

TEST(thread, blocks_all_signals_but_its_own_faults) {
    sigset_t before;
    pthread_sigmask(SIG_SETMASK, nullptr, &before);
    on_started_thread("twill", mebibyte, [] {
        sigset_t mask;
        pthread_sigmask(SIG_SETMASK, nullptr, &mask);
        for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP}) {
            EXPECT_EQ(sigismember(&mask, fault), 0) << fault;
        }
        for (const int sent : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGALRM, SIGCHLD, SIGPROF, SIGPIPE,
                               SIGRTMIN, SIGRTMAX}) {
            EXPECT_EQ(sigismember(&mask, sent), 1) << sent;
        }
    });
    sigset_t after;
    pthread_sigmask(SIG_SETMASK, nullptr, &after);
    for (int signal = 1; signal < SIGRTMAX; ++signal) {
        EXPECT_EQ(sigismember(&before, signal), sigismember(&after, signal)) << signal;
    }
}

TEST(thread, has_the_whole_stack_it_asked_for_and_a_guard_below) {
    // Upwards: the C library keeps the stacks of threads that ended for others that need no more.
    for (const std::size_t asked : {mebibyte * 9, mebibyte * 10, mebibyte * 11 + 1}) {
        on_started_thread("twill", asked, [asked] {
            EXPECT_EQ(os::current_stack().size(), (asked + 4095) / 4096 * 4096);
            pthread_attr_t attributes;
            std::size_t guard = 0;
            ASSERT_EQ(pthread_getattr_np(pthread_self(), &attributes), 0);
            EXPECT_EQ(pthread_attr_getguardsize(&attributes, &guard), 0);
            pthread_attr_destroy(&attributes);
            EXPECT_GE(guard, 64u * 1024);
        });
    }
}

TEST(thread, reserves_its_stack_only) {
    if (sanitized) {
        GTEST_SKIP() << "a sanitizer has pages of its own for each thread";
    }
    static detail::atomic<std::uint32_t> started{0};
    static detail::atomic<std::uint32_t> end{0};
    static detail::atomic<std::uint32_t> ended{0};
    constexpr std::uint32_t threads = 32;
    const std::size_t before = resident_bytes();
    for (std::uint32_t k = 0; k < threads; ++k) {
        const os::thread_started one = os::start_thread(
            {"twill", 8 * mebibyte},
            [](void*) {
                started.fetch_add(1, detail::acq_rel);
                while (end.load(detail::acquire) == 0) {
                    detail::futex_wait(end, 0);
                }
                ended.fetch_add(1, detail::acq_rel);
            },
            nullptr);
        ASSERT_EQ(one.error, 0);
    }
    while (started.load(detail::acquire) < threads) {
        detail::yield_slice();
    }
    EXPECT_LT(resident_bytes() - before, threads * (mebibyte / 8));
    end.store(1, detail::release);
    detail::futex_wake(end, static_cast<int>(threads));
    while (ended.load(detail::acquire) < threads) {
        detail::yield_slice();
    }
}

TEST(thread, that_the_system_refuses_says_why_and_nothing_ran) {
    static detail::atomic<std::uint32_t> ran{0};
    const auto entry = [](void*) { ran.store(1, detail::relaxed); };
    errno = ENOTTY;
    EXPECT_NE(os::start_thread({"twill", std::size_t{1} << 50}, entry, nullptr).error, 0);
    EXPECT_EQ(errno, ENOTTY);
    EXPECT_EQ(ran.load(detail::relaxed), 0u);
    if (!sanitized) {
        expect_silent_success([entry] {
            const rlimit none{64 * mebibyte, 64 * mebibyte};
            ASSERT_EQ(setrlimit(RLIMIT_AS, &none), 0);
            EXPECT_EQ(os::start_thread({"twill", 64 * mebibyte}, entry, nullptr).error, EAGAIN);
        });
    }
}

/// The CPUs of a mask, lowest first.
std::vector<int> cpus_of(const cpu_set_t& mask) {
    std::vector<int> found;
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
        if (CPU_ISSET(static_cast<unsigned>(cpu), &mask)) {
            found.push_back(cpu);
        }
    }
    return found;
}

/// What a joinable thread started on `cores` finds as its mask.
std::vector<int> cpus_of_thread_on(const std::vector<int>& cores, int cores_error) {
    cpu_set_t seen;
    CPU_ZERO(&seen);
    pthread_t handle{};
    const os::thread_started started = os::start_thread(
        {"twill", mebibyte, cores},
        [](void* into) { sched_getaffinity(0, sizeof(cpu_set_t), static_cast<cpu_set_t*>(into)); },
        &seen, &handle);
    EXPECT_EQ(started.error, 0);
    EXPECT_EQ(started.cores_error, cores_error);
    if (started.error == 0) {
        os::join_thread(handle);
    }
    return cpus_of(seen);
}

TEST(thread, keeps_to_the_cores_it_is_given) {
    cpu_set_t all;
    ASSERT_EQ(sched_getaffinity(0, sizeof all, &all), 0);
    const std::vector<int> inherited = cpus_of(all);
    EXPECT_EQ(cpus_of_thread_on({}, 0), inherited);
    EXPECT_EQ(cpus_of_thread_on(inherited, 0), inherited);
    for (const int cpu : inherited) {
        EXPECT_EQ(cpus_of_thread_on({cpu}, 0), std::vector<int>{cpu});
        EXPECT_EQ(cpus_of_thread_on({cpu, 100'000}, 0),
                  std::vector<int>{cpu}); // as the kernel does
    }
}

TEST(thread, runs_anywhere_if_none_of_its_cores_may_be_used) {
    cpu_set_t all;
    ASSERT_EQ(sched_getaffinity(0, sizeof all, &all), 0);
    for (const std::vector<int>& cores :
         {std::vector<int>{1023}, std::vector<int>{100'000}, {-1}, {0, 1 << 20}, {0, -5}}) {
        if (cores[0] != 1023 || !CPU_ISSET(1023, &all)) {
            EXPECT_EQ(cpus_of_thread_on(cores, EINVAL), cpus_of(all));
        }
    }
}

TEST(thread, is_gone_once_it_is_joined) {
    for (int k = 0; k < 100; ++k) {
        pthread_t handle{};
        pid_t thread = 0;
        ASSERT_EQ(os::start_thread(
                      {"twill", mebibyte},
                      [](void* into) { *static_cast<pid_t*>(into) = gettid(); }, &thread, &handle)
                      .error,
                  0);
        os::join_thread(handle);
        EXPECT_NE(thread, 0);
    }
}

/// default_stack_size() under a limit and, if not null, a TWILL_STACK_SIZE.
std::size_t size_under(rlim_t limit, const char* variable) {
    rlimit both{};
    EXPECT_EQ(getrlimit(RLIMIT_STACK, &both), 0);
    both.rlim_cur = limit;
    EXPECT_EQ(setrlimit(RLIMIT_STACK, &both), 0);
    variable != nullptr ? ::setenv("TWILL_STACK_SIZE", variable, 1)
                        : ::unsetenv("TWILL_STACK_SIZE");
    return os::default_stack_size();
}

TEST(thread, default_stack_size_is_the_limit_kept_within_2_and_8_mebibytes) {
    expect_silent_success([] {
        EXPECT_EQ(size_under(3 * mebibyte, nullptr), 3 * mebibyte);
        EXPECT_EQ(size_under(mebibyte, nullptr), 2 * mebibyte);
        EXPECT_EQ(size_under(8 * mebibyte, nullptr), 8 * mebibyte);
        EXPECT_EQ(size_under(5'000'000, nullptr) % 4096, 0u);
        EXPECT_GE(size_under(5'000'000, nullptr), 5'000'000u);
    });
    rlimit both{};
    ASSERT_EQ(getrlimit(RLIMIT_STACK, &both), 0);
    if (both.rlim_max == RLIM_INFINITY) {
        expect_silent_success([] {
            EXPECT_EQ(size_under(RLIM_INFINITY, nullptr), 8 * mebibyte);
            EXPECT_EQ(size_under(100 * mebibyte, nullptr), 8 * mebibyte);
        });
    }
}

TEST(thread, default_stack_size_takes_the_variable_over_the_limit) {
    expect_silent_success([] {
        EXPECT_EQ(size_under(8 * mebibyte, "64K"), 65536u);
        EXPECT_EQ(size_under(8 * mebibyte, "100000"), 102400u); // whole pages
        EXPECT_EQ(size_under(8 * mebibyte, "1G"), 1024 * mebibyte);
        EXPECT_EQ(size_under(8 * mebibyte, ""), 8 * mebibyte);
    });
    const child_end end = in_child([] {
        EXPECT_EQ(size_under(4 * mebibyte, "1K"), 4 * mebibyte);
        EXPECT_EQ(size_under(4 * mebibyte, "1K"), 4 * mebibyte);
    });
    EXPECT_TRUE(end.exited_with(0));
    EXPECT_EQ(end.errors, "TWILL_STACK_SIZE: expected a size from 64K to 64G (bytes, or with K, M "
                          "or G), got \"1K\"; using 4M\n");
}

} // namespace
