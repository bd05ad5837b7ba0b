// SPDX-License-Identifier: Apache-2.0
// The threads of a scheduler: names, cores, ends, and a system that has none to give.
#include "sched/access.hpp"
#include "support/child.hpp"
#include "support/process_threads.hpp"
#include "support/sanitizers.hpp"
#include "twill/parallel_invoke.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <sched.h>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

namespace {

using namespace twill::sched; // NOLINT(google-build-using-namespace)
namespace detail = twill::detail;
using twill::testing_support::child_end;
using twill::testing_support::in_child;
using twill::testing_support::sanitized;
using twill::testing_support::threads_at_first;
using twill::testing_support::threads_of_this_process;

constexpr std::size_t gibibyte = std::size_t{1} << 30;

/// Runs `task` on a thread of the scheduler that the caller visits.
template <class Task>
void on_its_thread(Task task) {
    detail::atomic<std::uint32_t> begun{0};
    twill::parallel_invoke(
        [&] {
            while (begun.load(detail::acquire) == 0) {
                twill::parallel_invoke([] {}, [] {});
            }
        },
        [&] {
            begun.store(1, detail::release);
            task();
        });
}

std::string name_of_its_thread(const char* given) {
    scheduler_options options = with_workers(2);
    std::snprintf(options.name, sizeof options.name, "%s", given);
    scheduler owner(options);
    char name[32] = "";
    {
        const visit guest(owner);
        on_its_thread([&] { pthread_getname_np(pthread_self(), name, sizeof name); });
    }
    owner.shut_down();
    return name;
}

TEST(thread_creation, gives_names) {
    EXPECT_EQ(name_of_its_thread("twill").rfind("twill-", 0), 0u);
    EXPECT_EQ(name_of_its_thread("mine").rfind("mine-", 0), 0u);
    EXPECT_EQ(name_of_its_thread("fifteen_letters"), "fifteen_letters");
}

TEST(thread_creation, keeps_to_the_cores) {
    cpu_set_t all;
    ASSERT_EQ(sched_getaffinity(0, sizeof all, &all), 0);
    int last = CPU_SETSIZE - 1;
    while (!CPU_ISSET(static_cast<unsigned>(last), &all)) {
        --last;
    }
    scheduler_options options = with_workers(2);
    options.cores = {last};
    scheduler owner(options);
    {
        const visit guest(owner);
        on_its_thread([&] {
            cpu_set_t own;
            EXPECT_EQ(sched_getaffinity(0, sizeof own, &own), 0);
            EXPECT_EQ(CPU_COUNT(&own), 1);
            EXPECT_TRUE(CPU_ISSET(static_cast<unsigned>(last), &own));
        });
    }
    cpu_set_t after;
    ASSERT_EQ(sched_getaffinity(0, sizeof after, &after), 0);
    EXPECT_TRUE(CPU_EQUAL(&all, &after));
    owner.shut_down();
}

TEST(thread_creation, says_once_that_none_of_the_cores_may_be_used) {
    const child_end end = in_child([] {
        scheduler_options options = with_workers(2);
        options.cores = {-1};
        scheduler owner(options);
        for (int k = 0; k < 5; ++k) {
            const visit guest(owner);
            on_its_thread([] {});
        }
        owner.shut_down();
    });
    EXPECT_TRUE(end.exited_with(0)) << end.errors;
    EXPECT_EQ(end.errors, "twill: none of the given cores may be used (Invalid argument); its "
                          "threads run anywhere\n");
}

TEST(thread_creation, leaves_no_thread_after_the_shutdown) {
    const std::size_t before = threads_at_first();
    for (int k = 0; k < (sanitized ? 20 : 100); ++k) {
        scheduler owner(with_workers(2));
        {
            const visit guest(owner);
            on_its_thread([] {});
        }
        owner.shut_down();
    }
    // A joined thread's entry goes a moment after the thread, so some of many may be left, not all.
    while (threads_of_this_process() > before) {
        detail::yield_slice();
    }
}

/// Leaves this process so much address space beyond what it uses.
void leave_room_for(std::size_t bytes) {
    unsigned long pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    const rlim_t limit = pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE)) + bytes;
    const rlimit both{limit, limit};
    ASSERT_EQ(setrlimit(RLIMIT_AS, &both), 0);
}

/// Works with room for so many threads until the system has refused one, and then on.
child_end work_with_room_for(unsigned threads) {
    return in_child([threads] {
        scheduler_options options = with_workers(2);
        options.workers = 8;
        options.awake = 8;
        options.stack_size = gibibyte;
        scheduler owner(options);
        // The C library takes some address space for each thread beside its stack.
        leave_room_for(threads * gibibyte + gibibyte * 3 / 4);
        std::uint32_t visits = 0;
        const auto work = [&owner, &visits] {
            const visit guest(owner);
            ++visits;
            EXPECT_EQ(fib(15), 610);
        };
        while (!scheduler_test::was_refused(owner)) {
            work();
        }
        work(); // without another attempt
        scheduler_test::refusal_holds(owner) = 0;
        for (int k = 0; k < 100; ++k) {
            work(); // with one for each publication
        }
        EXPECT_EQ(scheduler_test::threads(owner), threads);
        EXPECT_LE(owner.table().size(), visits + threads + 2); // no record for each attempt
        owner.shut_down();
    });
}

TEST(thread_creation, goes_on_with_what_the_system_gives_and_says_so_once) {
    if (sanitized) {
        GTEST_SKIP() << "a sanitizer needs address space of its own";
    }
    for (const unsigned threads : {0u, 1u, 2u}) {
        const child_end end = work_with_room_for(threads);
        EXPECT_TRUE(end.exited_with(0)) << end.status;
        EXPECT_EQ(end.errors, "twill: the system gives no more threads (Resource temporarily "
                              "unavailable); going on with " +
                                  std::to_string(threads) + " beside the callers'\n");
    }
}

} // namespace
