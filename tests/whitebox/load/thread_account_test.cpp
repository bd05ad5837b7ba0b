// SPDX-License-Identifier: Apache-2.0
#include "load/thread_accounts.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <thread>

namespace {

using namespace twill::load_model;
using namespace twill::load_model::testing; // NOLINT(google-build-using-namespace)
namespace os = twill::os;

TEST(thread_account, counts_how_long_it_is_blocked) {
    accounts all(role::guest);
    const auto blocked = [&all](std::uint64_t now) { return all.thread.read_blocked(now).ticks; };
    EXPECT_EQ(blocked(100), 0U);
    all.thread.blocked_from(1000);
    EXPECT_EQ(blocked(900), 0U);    // it began after that
    EXPECT_EQ(blocked(1250), 250U); // up to now
    all.thread.blocked_until(1300);
    EXPECT_EQ(blocked(9000), 300U);
    // The clock's highest bits do not count: differences do.
    const std::uint64_t late = ~std::uint64_t{0} - 10;
    all.thread.blocked_from(late);
    EXPECT_EQ(blocked(late + 5), 305U);
    all.thread.blocked_until(late + 8);
    const thread_account::blocked_reading reading = all.thread.read_blocked(0);
    EXPECT_EQ(reading.ticks, 308U);
    EXPECT_EQ(reading.times, 2U);
    EXPECT_TRUE(reading.guest && reading.kernel_thread != 0);
}

TEST(thread_account, stamps_the_place_that_the_thread_holds) {
    accounts all(role::worker);
    const std::uint64_t start = all.source.opened().ticks;
    all.thread.take(all.places[1], activity::search, start + 100);
    const std::uint64_t taken = all.places[1].read().since; // the first take has its own stamp
    all.thread.enter(activity::useful, taken + 50);
    all.thread.enter(activity::dispatch, taken + 350);
    all.thread.leave(taken + 360);
    const place_reading reading = all.places[1].read();
    EXPECT_GE(taken, start + 100);
    EXPECT_EQ(reading.ticks[index(activity::search)], 50u);
    EXPECT_EQ(reading.ticks[index(activity::useful)], 300u);
    EXPECT_EQ(reading.ticks[index(activity::dispatch)], 10u);
    EXPECT_EQ(reading.current, activity::parked);
    EXPECT_EQ(reading.since, taken + 360);
    EXPECT_EQ(all.places[0].read().since, start) << "the other place";
}

TEST(thread_account, counts_on_the_place_and_nothing_without_one) {
    accounts all(role::worker);
    all.thread.add(counter::woken);
    all.thread.take(all.places[0], activity::useful, os::ticks());
    all.thread.add(counter::stolen, 3);
    all.thread.leave(os::ticks());
    all.thread.add(counter::woken);
    EXPECT_EQ(all.count(0, counter::stolen), 3u);
    EXPECT_EQ(all.count(0, counter::woken), 0u);
}

TEST(thread_account, above_the_limit_leaves_the_place_to_its_holder) {
    accounts all(role::worker);
    all.places[0].enter(activity::useful, os::ticks()); // another thread has it
    all.thread.take(all.places[0], activity::search, os::ticks(), true);
    const std::int64_t begin = own_cpu();
    all.thread.add(counter::published);
    all.thread.enter(activity::useful, os::ticks());
    burn(5 * millisecond);
    const thread_account::reading during = all.thread.read(os::ticks());
    EXPECT_EQ(during.on, nullptr);
    EXPECT_EQ(during.over_on, &all.places[0]);
    EXPECT_GE(during.over, own_cpu() - begin - millisecond);
    all.thread.leave(os::ticks());
    const std::int64_t used = own_cpu() - begin;
    const place_reading after = all.places[0].read();
    EXPECT_EQ(after.current, activity::useful) << "the holder's activity";
    EXPECT_GE(after.over, static_cast<std::uint64_t>(used - millisecond));
    EXPECT_GE(after.over, static_cast<std::uint64_t>(during.over));
    EXPECT_EQ(after.counts[static_cast<std::size_t>(counter::published)], 1u);
    EXPECT_EQ(all.thread.read(os::ticks()).over_on, nullptr);
}

TEST(thread_account, of_a_worker_has_all_of_its_cpu_time) {
    accounts all(role::worker);
    const std::int64_t before = all.thread.read(os::ticks()).cpu;
    all.thread.take(all.places[0], activity::useful, os::ticks());
    const std::int64_t begin = own_cpu();
    burn(10 * millisecond);
    const std::int64_t during = all.thread.read(os::ticks()).cpu;
    const std::int64_t used = own_cpu() - begin;
    EXPECT_GE(during - before, 10 * millisecond);
    EXPECT_LE(during - before, used + millisecond);
    all.thread.leave(os::ticks());
}

TEST(thread_account, of_a_guest_has_its_cpu_time_inside_verbs) {
    accounts all(role::guest);
    burn(10 * millisecond);
    std::int64_t inside = 0;
    for (int verb = 0; verb < 3; ++verb) {
        const std::int64_t begin = own_cpu();
        all.thread.begin_verb(os::ticks());
        all.thread.take(all.places[0], activity::useful, os::ticks());
        burn(5 * millisecond);
        all.thread.leave(os::ticks());
        all.thread.end_verb(os::ticks());
        inside += own_cpu() - begin;
        burn(10 * millisecond);
    }
    const std::int64_t cpu = all.thread.read(os::ticks()).cpu;
    EXPECT_GE(cpu, 15 * millisecond);
    EXPECT_LE(cpu, inside + millisecond);
    EXPECT_GT(all.source.inside_verbs(os::ticks()), ticks_of(14 * millisecond));
}

// Verbs that are shorter than what a reading of the clock is worth.
TEST(thread_account, has_the_cpu_time_of_many_short_verbs) {
    accounts all(role::guest);
    const std::int64_t begin = own_cpu();
    for (int verb = 0; verb < 5000; ++verb) {
        all.thread.begin_verb(os::ticks());
        all.thread.take(all.places[0], activity::useful, os::ticks());
        burn_without_system_calls(2000);
        all.thread.leave(os::ticks());
        all.thread.end_verb(os::ticks());
    }
    const std::int64_t used = own_cpu() - begin;
    const std::int64_t cpu = all.thread.read(os::ticks()).cpu;
    EXPECT_LE(cpu, used + millisecond);
    EXPECT_GE(cpu, used / 2); // the rest is between the verbs
}

TEST(thread_account, keeps_the_cpu_time_of_threads_that_have_ended) {
    accounts all(role::worker);
    burn(5 * millisecond);
    all.thread.detach();
    const std::int64_t first = all.thread.read(os::ticks()).cpu;
    EXPECT_GE(first, 5 * millisecond);
    std::int64_t both = 0;
    std::thread([&all, &both] {
        all.thread.attach(all.source, role::worker);
        all.thread.take(all.places[0], activity::useful, os::ticks());
        burn(5 * millisecond);
        all.thread.leave(os::ticks());
        both = all.thread.read(os::ticks()).cpu;
        all.thread.detach();
    }).join();
    EXPECT_GE(both, first + 5 * millisecond);
    EXPECT_GE(all.thread.read(os::ticks()).cpu, both);
    all.thread.attach(all.source, role::worker);
}

} // namespace
