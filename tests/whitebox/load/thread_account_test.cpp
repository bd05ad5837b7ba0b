// SPDX-License-Identifier: Apache-2.0
#include "load/thread_account.hpp"
#include "load/ticks.hpp"
#include "os/clock.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <pthread.h>
#include <sched.h>
#include <thread>

namespace {

using namespace twill::load_model;
namespace os = twill::os;
using role = thread_account::role;

struct accounts {
    std::unique_ptr<place_account[]> places = std::make_unique<place_account[]>(2);
    load_source source;
    thread_account thread;
    explicit accounts(role as) {
        source.open(2, 2, places.get());
        thread.attach(source, as);
    }
    ~accounts() { thread.detach(); }
    accounts(const accounts&) = delete;
    accounts& operator=(const accounts&) = delete;

    [[nodiscard]] place_reading now(int place) const {
        place_reading reading = source.place(place).read();
        reading.extend_to(os::ticks());
        return reading;
    }
    [[nodiscard]] std::uint64_t count(int place, counter what) const {
        return source.place(place).read().counts[static_cast<std::size_t>(what)];
    }
};

std::int64_t own_cpu() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

/// Computes for so long on the thread's own CPU clock.
void burn(std::int64_t nanoseconds) {
    const std::int64_t end = own_cpu() + nanoseconds;
    while (own_cpu() < end) {
        for (int k = 0; k < 500; ++k) {
            twill::detail::pause();
        }
    }
}

void burn_without_system_calls(std::int64_t for_nanoseconds) {
    const std::uint64_t end = os::ticks() + ticks_of(for_nanoseconds);
    while (os::ticks() < end) {
    }
}

/// Puts the calling thread on one core of those that it may use.
bool pin_to_first_core() {
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) {
        return false;
    }
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
        if (CPU_ISSET(cpu, &allowed)) {
            cpu_set_t one;
            CPU_ZERO(&one);
            CPU_SET(cpu, &one);
            return pthread_setaffinity_np(pthread_self(), sizeof one, &one) == 0;
        }
    }
    return false;
}

constexpr std::int64_t millisecond = 1'000'000;

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

/// What of `spell` on the place the CPU clock does not explain, as a share of it, after run delay.
double unexplained(const accounts& all, std::int64_t delay_before, std::int64_t spell,
                   std::int64_t used) {
    const auto charged =
        static_cast<std::int64_t>(all.places[0].read().delay[index(activity::useful)]) -
        delay_before;
    return static_cast<double>(spell - charged - used) / static_cast<double>(spell);
}

// Two threads on one core: each has about half of it, and the other half is run delay. The best of
// some tries, for what a hypervisor takes is in no clock.
TEST(thread_account, charges_run_delay_to_the_activity_that_it_fell_into) {
    bool stop = false;
    twill::detail::atomic<std::uint32_t> ready{0};
    twill::detail::atomic<std::uint32_t> done{0};
    double best = 1;
    std::thread([&] {
        if (!pin_to_first_core()) {
            stop = true;
            return;
        }
        std::thread rival([&] { // inherits the core
            ready.store(1, twill::detail::relaxed);
            while (done.load(twill::detail::relaxed) == 0) {
            }
        });
        while (ready.load(twill::detail::relaxed) == 0) {
            std::this_thread::yield();
        }
        accounts all(role::worker);
        if (!all.thread.read(os::ticks()).delay_known) {
            stop = true;
        }
        for (int attempt = 0; attempt < 30 && !stop && best > 0.01; ++attempt) {
            all.thread.take(all.places[0], activity::useful, os::ticks());
            all.thread.enter(activity::useful, os::ticks());
            const auto delay_before =
                static_cast<std::int64_t>(all.places[0].read().delay[index(activity::useful)]);
            const std::uint64_t begin = all.places[0].read().since;
            const std::int64_t cpu = own_cpu();
            burn(50 * millisecond);
            const std::int64_t used = own_cpu() - cpu;
            const std::uint64_t end = os::ticks();
            all.thread.leave(end);
            all.thread.left(os::ticks());
            best = std::min(
                best, std::abs(unexplained(all, delay_before, nanoseconds(end - begin), used)));
        }
        done.store(1, twill::detail::relaxed);
        rival.join();
        EXPECT_EQ(all.places[0].read().delay[index(activity::search)], 0u);
    }).join();
    if (stop) {
        GTEST_SKIP() << "the system does not tell the run delay, or does not pin threads";
    }
    EXPECT_LE(best, 0.01);
}

// A guest that lost its core in the serial part of the program did so on nobody's account.
TEST(thread_account, charges_nobody_for_a_delay_between_verbs) {
    bool pinned = false;
    std::thread([&pinned] {
        pinned = pin_to_first_core();
        if (!pinned) {
            return;
        }
        twill::detail::atomic<std::uint32_t> done{0};
        accounts all(role::guest);
        const auto verb = [&all] {
            all.thread.begin_verb(os::ticks());
            all.thread.take(all.places[0], activity::useful, os::ticks());
            all.thread.leave(os::ticks());
            all.thread.end_verb(os::ticks());
        };
        verb();
        std::thread rival([&done] {
            while (done.load(twill::detail::relaxed) == 0) {
            }
        });
        burn(50 * millisecond); // and as much waiting for the rival
        done.store(1, twill::detail::relaxed);
        rival.join();
        verb();
        all.thread.read(os::ticks());
        EXPECT_LT(all.places[0].read().delay[index(activity::useful)],
                  static_cast<std::uint64_t>(millisecond));
    }).join();
    if (!pinned) {
        GTEST_SKIP() << "the system does not pin threads";
    }
}

// Who has woken others loses its core as it reads its clocks to go to sleep. The least of some
// tries, for the machine may be busy with something else.
TEST(thread_account, charges_nobody_for_a_core_lost_on_the_way_to_sleep) {
    bool pinned = false;
    constexpr auto soon = static_cast<std::uint64_t>(millisecond);
    std::uint64_t least = ~std::uint64_t{0};
    std::thread([&pinned, &least] {
        pinned = pin_to_first_core();
        accounts all(role::worker);
        const auto charged = [&all] { return all.places[0].read().delay[index(activity::useful)]; };
        for (int attempt = 0; attempt < 30 && pinned && least >= soon; ++attempt) {
            all.thread.take(all.places[0], activity::useful, os::ticks());
            all.thread.leave(os::ticks());
            const std::uint64_t leaving = os::ticks();
            twill::detail::atomic<std::uint32_t> done{0};
            std::thread rival([&done] {
                while (done.load(twill::detail::relaxed) == 0) {
                }
            });
            burn(20 * millisecond); // and as much waiting for the rival
            done.store(1, twill::detail::relaxed);
            rival.join();
            all.thread.left(leaving);
            const std::uint64_t before = charged();
            all.thread.take(all.places[0], activity::useful, os::ticks());
            burn(5 * millisecond);
            all.thread.leave(os::ticks());
            all.thread.left(os::ticks());
            least = std::min(least, charged() - before);
        }
    }).join();
    if (!pinned) {
        GTEST_SKIP() << "the system does not pin threads";
    }
    EXPECT_LT(least, soon);
}

// While the thread is off its core the kernel has not told the delay yet.
TEST(thread_account, tells_a_delay_that_goes_on) {
    twill::detail::atomic<std::uint32_t> state{0};
    accounts all(role::guest);
    thread_account waiting;
    bool known = false;
    std::int64_t pending = 0;
    std::thread([&] {
        const bool pinned = pin_to_first_core();
        waiting.attach(all.source, role::worker);
        known = pinned && waiting.read(os::ticks()).delay_known;
        std::thread rival([&state] {
            while (state.load(twill::detail::relaxed) != 2) {
            }
        });
        std::thread onlooker([&] { // on any core
            cpu_set_t every;
            std::fill_n(reinterpret_cast<unsigned char*>(&every), sizeof every,
                        static_cast<unsigned char>(0xff));
            pthread_setaffinity_np(pthread_self(), sizeof every, &every);
            while (state.load(twill::detail::relaxed) == 0) {
                std::this_thread::yield();
            }
            const std::uint64_t end = os::ticks() + ticks_of(20'000 * millisecond);
            while (known && pending == 0 && os::ticks() < end) {
                pending = waiting.read(os::ticks()).pending;
                std::this_thread::yield();
            }
            state.store(2, twill::detail::relaxed);
        });
        waiting.take(all.places[1], activity::useful, os::ticks());
        state.store(1, twill::detail::relaxed);
        while (state.load(twill::detail::relaxed) != 2) {
        }
        waiting.leave(os::ticks());
        waiting.detach();
        rival.join();
        onlooker.join();
    }).join();
    if (!known) {
        GTEST_SKIP() << "the system does not tell the run delay, or does not pin threads";
    }
    EXPECT_GT(pending, 0);
}

} // namespace
