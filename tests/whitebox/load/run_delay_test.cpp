// SPDX-License-Identifier: Apache-2.0
// Where the run delay of a thread goes, and who is told of it.
#include "load/thread_accounts.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

namespace {

using namespace twill::load_model;
using namespace twill::load_model::testing; // NOLINT(google-build-using-namespace)
namespace os = twill::os;

/// What of `spell` on the place the CPU clock does not explain, as a share of it, after run delay.
double unexplained(const accounts& all, std::int64_t delay_before, std::int64_t spell,
                   std::int64_t used) {
    const auto charged =
        static_cast<std::int64_t>(all.places[0].read().delay[index(activity::useful)]) -
        delay_before;
    return static_cast<double>(spell - charged - used) / static_cast<double>(spell);
}

/// So much CPU time of the caller, and as much waiting for another thread on its core.
void burn_beside_a_rival(std::int64_t nanoseconds) {
    twill::detail::atomic<std::uint32_t> done{0};
    std::thread rival([&done] { // inherits the core
        while (done.load(twill::detail::relaxed) == 0) {
        }
    });
    burn(nanoseconds);
    done.store(1, twill::detail::relaxed);
    rival.join();
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

/// What a listener has heard of run delay, in ticks.
struct delays {
    thread_account* of;
    std::uint64_t sum = 0;
    static void hear(void* self, transition what, activity, std::uint64_t) noexcept {
        auto& all = *static_cast<delays*>(self);
        all.sum += what == transition::delayed ? all.of->take_delay() : 0;
    }
};

// Who listens hears of what is charged to useful time from then on, be it above the limit.
TEST(thread_account, tells_a_listener_of_the_run_delay_in_useful_time) {
    for (const bool over : {false, true}) {
        bool known = false;
        std::int64_t told = 0;
        std::int64_t charged = 0;
        std::int64_t unexplained = 0;
        std::thread([&] {
            if (!pin_to_first_core()) {
                return;
            }
            twill::detail::atomic<std::uint32_t> done{0};
            std::thread rival([&done] { // inherits the core
                while (done.load(twill::detail::relaxed) == 0) {
                }
            });
            accounts all(role::worker);
            known = all.thread.tells_delay();
            delays heard{&all.thread};
            all.thread.take(all.places[0], activity::useful, os::ticks(), over);
            const std::int64_t start = os::monotonic_nanoseconds();
            const std::int64_t cpu = own_cpu();
            burn(20 * millisecond); // before anybody listens
            all.thread.listen(&delays::hear, &heard);
            const std::int64_t before = all.delayed();
            const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
            do {
                burn(millisecond);
                if (all.thread.delay_is_due(os::ticks())) {
                    all.thread.read_delay(os::ticks());
                }
                told = nanoseconds(heard.sum);
            } while (known && told < 10 * millisecond &&
                     std::chrono::steady_clock::now() < deadline);
            charged = all.delayed() - before;
            unexplained = os::monotonic_nanoseconds() - start - (own_cpu() - cpu);
            all.thread.leave(os::ticks());
            done.store(1, twill::detail::relaxed);
            rival.join();
        }).join();
        if (!known) {
            GTEST_SKIP() << "the system does not tell the run delay, or does not pin threads";
        }
        EXPECT_GE(told, 10 * millisecond);
        EXPECT_LE(told, unexplained) << "of all the time without a core, from the start on";
        if (!over) {
            EXPECT_NEAR(static_cast<double>(told), static_cast<double>(charged), 1e5);
        }
    }
}

// A guest that lost its core in the serial part of the program did so on nobody's account.
TEST(thread_account, charges_nobody_for_a_delay_between_verbs) {
    bool pinned = false;
    std::thread([&pinned] {
        pinned = pin_to_first_core();
        if (!pinned) {
            return;
        }
        accounts all(role::guest);
        const auto verb = [&all] {
            all.thread.begin_verb(os::ticks());
            all.thread.take(all.places[0], activity::useful, os::ticks());
            all.thread.leave(os::ticks());
            all.thread.end_verb(os::ticks());
        };
        verb();
        burn_beside_a_rival(50 * millisecond);
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
            burn_beside_a_rival(20 * millisecond);
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

// The same above the limit, where each end of a spell reads the clocks. The most of some tries.
TEST(thread_account, above_the_limit_charges_nobody_for_a_core_lost_on_leaving) {
    bool pinned = false;
    constexpr std::int64_t spell = 5 * millisecond;
    std::int64_t most = 0;
    std::thread([&pinned, &most] {
        pinned = pin_to_first_core();
        accounts all(role::worker);
        for (int attempt = 0; attempt < 30 && pinned && most < spell / 2; ++attempt) {
            const std::uint64_t before = all.places[0].read().over;
            all.thread.take(all.places[0], activity::useful, os::ticks(), true);
            burn(spell);
            const std::uint64_t leaving = os::ticks();
            burn_beside_a_rival(20 * millisecond);
            all.thread.leave(leaving);
            most = std::max(most, static_cast<std::int64_t>(all.places[0].read().over - before));
        }
    }).join();
    if (!pinned) {
        GTEST_SKIP() << "the system does not pin threads";
    }
    EXPECT_GE(most, spell / 2);
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
