// SPDX-License-Identifier: Apache-2.0
// Which worker the processor's counts go to, with a made-up processor.
#include "load/snapshot.hpp"
#include "load/thread_account.hpp"
#include "support/child.hpp"
#include "support/made_up_counters.hpp"
#include "twill/detail/atomic.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <string>

namespace {

using namespace twill::load_model;
using twill::load_window;
using twill::worker_load;
using twill::os::hardware_event;
using twill::testing_support::expect_silent_success;
using twill::testing_support::made_up_counters;

struct two_places {
    std::unique_ptr<place_account[]> places = std::make_unique<place_account[]>(2);
    load_source source;
    two_places() { source.open(2, 2, places.get()); }
    [[nodiscard]] load_window window() const { return snapshot_of(source).since_start; }
};

std::uint64_t now() { return twill::detail::ticks(); }

/// In a process of its own, with TWILL_COUNTERS as given.
template <class Body>
void with_counters(const char* value, Body body) {
    expect_silent_success([&] {
        ::setenv("TWILL_COUNTERS", value, 1);
        const made_up_counters system;
        two_places machine;
        thread_account thread;
        body(system, machine, thread);
    });
}

TEST(hardware, goes_to_the_worker_that_the_thread_was_on) {
    with_counters("1", [](const auto& system, auto& machine, thread_account& thread) {
        system.set(5, 50, 500);
        thread.attach(machine.source, thread_account::role::worker);
        system.set(10, 100, 1000); // on no place: nobody's
        thread.take(machine.places[0], activity::useful, now());
        system.set(17, 170, 1700);
        thread.leave(now());
        system.set(20, 200, 2000);
        thread.take(machine.places[1], activity::useful, now());
        system.set(21, 210, 2100);
        const load_window window = machine.window(); // while it goes on
        EXPECT_EQ(window.counters_absent, nullptr);
        EXPECT_EQ(window.workers[0].cycles, 7u);
        EXPECT_EQ(window.workers[0].instructions, 70u);
        EXPECT_EQ(window.workers[0].cache_misses, 700u);
        EXPECT_EQ(window.workers[1].cycles, 1u);
        system.set(25, 250, 2500);
        thread.leave(now());
        thread.detach();
        EXPECT_EQ(system.open_files(), 0);
        const worker_load total = machine.window().total();
        EXPECT_EQ(total.cycles, 12u);
        EXPECT_EQ(total.instructions, 120u);
    });
}

TEST(hardware, above_the_limit_goes_to_the_number_that_is_shared) {
    with_counters("1", [](const auto& system, auto& machine, thread_account& thread) {
        thread.attach(machine.source, thread_account::role::worker);
        thread.take(machine.places[0], activity::useful, now());
        thread.leave(now());
        thread.take(machine.places[1], activity::useful, now(), true);
        system.set(3, 4, 5);
        EXPECT_EQ(machine.window().workers[1].instructions, 4u);
        system.set(6, 8, 10);
        thread.leave(now());
        EXPECT_EQ(machine.window().workers[1].instructions, 8u);
        thread.detach();
    });
}

TEST(hardware, is_absent_unless_asked_for) {
    for (const char* value : {"", "0"}) {
        with_counters(value, [](const auto& system, auto& machine, thread_account& thread) {
            thread.attach(machine.source, thread_account::role::worker);
            EXPECT_EQ(system.open_files(), 0);
            const load_window window = machine.window();
            EXPECT_FALSE(window.workers[0].cycles);
            ASSERT_NE(window.counters_absent, nullptr);
            EXPECT_NE(std::string(window.counters_absent).find("TWILL_COUNTERS"),
                      std::string::npos);
            thread.detach();
        });
    }
}

TEST(hardware, has_a_line_for_a_bad_value) {
    const auto end = twill::testing_support::in_child([] {
        ::setenv("TWILL_COUNTERS", "yes", 1);
        const two_places machine;
        EXPECT_FALSE(machine.source.counts_hardware());
    });
    EXPECT_TRUE(end.exited_with(0));
    EXPECT_EQ(end.errors, "TWILL_COUNTERS: expected 0 or 1, got \"yes\"; using 0\n");
}

// On the real processor, if this machine shows it: two readings of one thread that works between.
TEST(hardware, of_this_machine_is_a_number_or_has_a_reason) {
    expect_silent_success([] {
        ::setenv("TWILL_COUNTERS", "1", 1);
        two_places machine;
        thread_account thread;
        thread.attach(machine.source, thread_account::role::worker);
        thread.take(machine.places[0], activity::useful, now());
        const worker_load before = machine.window().workers[0];
        volatile std::uint64_t sum = 0;
        for (int k = 0; k < 1'000'000; ++k) {
            sum = sum + static_cast<std::uint64_t>(k);
        }
        const load_window window = machine.window();
        const worker_load after = window.workers[0];
        EXPECT_EQ(after.cycles && after.instructions && after.cache_misses,
                  window.counters_absent == nullptr);
        if (after.instructions) {
            EXPECT_GE(*after.instructions - before.instructions.value(), 1'000'000u);
        }
        if (after.cycles) {
            EXPECT_GT(*after.cycles, before.cycles.value());
        }
        EXPECT_EQ(window.workers[1].cycles.value_or(0), 0u);
        thread.leave(now());
        thread.detach();
    });
}

TEST(hardware, that_one_thread_may_not_count_is_absent_for_all) {
    with_counters("1", [](const auto& system, auto& machine, thread_account& thread) {
        thread.attach(machine.source, thread_account::role::worker);
        EXPECT_EQ(machine.window().counters_absent, nullptr);
        system.refuse(hardware_event::cache_misses, EMFILE);
        thread_account other;
        other.attach(machine.source, thread_account::role::guest);
        const load_window window = machine.window();
        EXPECT_TRUE(window.workers[0].cycles);
        EXPECT_TRUE(window.workers[0].instructions);
        EXPECT_FALSE(window.workers[0].cache_misses);
        ASSERT_NE(window.counters_absent, nullptr);
        EXPECT_NE(std::string(window.counters_absent).find("open files"), std::string::npos);
        other.detach();
        thread.detach();
    });
}

} // namespace
