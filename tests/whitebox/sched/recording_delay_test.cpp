// SPDX-License-Identifier: Apache-2.0
// A thread that is recorded says what of its strands it spent without a core.
#include "os/thread_times.hpp"
#include "sched/recorded_programs.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <ctime>
#include <sched.h>
#include <thread>

namespace {

using namespace twill::testing_support; // NOLINT(google-build-using-namespace)

bool kernel_tells() {
    twill::os::thread_times own;
    own.open();
    const bool tells = own.run_delay() >= 0;
    own.close();
    return tells;
}

bool pin_to_first_core() {
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) {
        return false;
    }
    int cpu = 0;
    while (cpu < CPU_SETSIZE && !CPU_ISSET(cpu, &allowed)) {
        ++cpu;
    }
    CPU_ZERO(&allowed);
    CPU_SET(cpu, &allowed);
    return sched_setaffinity(0, sizeof allowed, &allowed) == 0;
}

/// For how long the calling thread has had no core, as far as the clocks tell.
double milliseconds_without_core() {
    timespec wall{};
    timespec cpu{};
    clock_gettime(CLOCK_MONOTONIC, &wall);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
    return static_cast<double>(wall.tv_sec - cpu.tv_sec) * 1e3 +
           static_cast<double>(wall.tv_nsec - cpu.tv_nsec) * 1e-6;
}

// Two threads on one core: the one that is recorded works until it has missed it for a while.
TEST(recording_delay, is_told_where_a_strand_loses_its_core) {
    if (!kernel_tells()) {
        GTEST_SKIP() << "the system does not tell the run delay of threads";
    }
    const recorded_file file = record_in_child(1, [] {
        ASSERT_TRUE(pin_to_first_core());
        std::atomic<bool> done{false};
        std::thread rival([&done] { // inherits the core
            while (!done.load()) {
            }
        });
        const double start = milliseconds_without_core();
        twill::parallel_invoke(
            [start] {
                while (milliseconds_without_core() - start < 30) {
                    twill::parallel_invoke([] { spin(100); }, [] {});
                }
            },
            [] {});
        done = true;
        rival.join();
    });
    expect_balanced(file);
    double told = 0;
    for (const auto& [thread, events] : file.threads) {
        for (const recorded_event& one : events) {
            told += one.type == event_type::delay ? static_cast<double>(one.second) : 0;
        }
    }
    EXPECT_GE(told / file.header.ticks_per_nanosecond, 15e6);
}

TEST(recording_delay, is_the_first_word_of_a_thread_that_will_tell_of_it) {
    if (!kernel_tells()) {
        GTEST_SKIP() << "the system does not tell the run delay of threads";
    }
    const recorded_file file = record_in_child(2, [] { tree(6); });
    ASSERT_FALSE(file.threads.empty());
    for (const auto& [thread, events] : file.threads) {
        ASSERT_FALSE(events.empty());
        EXPECT_EQ(events[0].type, event_type::delay) << thread;
        EXPECT_EQ(events[0].second, 0u) << thread;
    }
}

} // namespace
