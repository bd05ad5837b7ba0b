// SPDX-License-Identifier: Apache-2.0
// Threads from outside: many at a time, on their own threads, and as they were afterwards.
#include "process.hpp"
#include "support.hpp"

#include <cfenv>
#include <csignal>
#include <functional>
#include <mutex>
#include <pthread.h>
#include <sched.h>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace twill_test;

// More guests than workers: some wait for a place.
TEST(guests, many_at_a_time) {
    const int guests = 2 * std::min(twill::worker_count(), 16) + 3;
    on_threads(guests, [](int k) {
        for (int round = 0; round < scaled(50); ++round) {
            ASSERT_EQ(fib(12), 144);
            const long sum = twill::parallel_reduce(
                0, 1000 + k, 0L, [](int i) { return long{i}; }, std::plus<>());
            ASSERT_EQ(sum, long{1000 + k} * (999 + k) / 2);
            std::atomic<int> calls{0};
            twill::parallel_for(0, 100, [&](int) { ++calls; });
            ASSERT_EQ(calls, 100);
            ASSERT_EQ(twill::this_worker(), -1);
        }
    });
}

// Every guest is inside of its verb at the same moment, or waits for a place: nobody starves.
TEST(guests, that_find_no_free_place_get_one) {
    const int guests = 40;
    std::atomic<int> done{0};
    on_threads(guests, [&](int) {
        twill::parallel_for(0, 4,
                            [](int) { std::this_thread::sleep_for(std::chrono::milliseconds(1)); });
        ++done;
    });
    EXPECT_EQ(done, guests);
}

// Of two long tasks that never poll, the second begins elsewhere while the first runs.
TEST(guests, share_their_first_fork) {
    if (twill::worker_count() == 1) {
        GTEST_SKIP() << "one worker runs one after the other";
    }
    for (int round = 0; round < scaled(100); ++round) {
        // Longer than a fork may be kept private because those before it came back unstolen.
        std::this_thread::sleep_for(std::chrono::microseconds(200));
        std::atomic<bool> begun{false};
        bool seen = false;
        twill::parallel_invoke([&] { seen = eventually([&] { return begun.load(); }); },
                               [&] { begun = true; });
        ASSERT_TRUE(seen);
    }
}

TEST(guests, run_their_roots_on_their_own_threads) {
    on_threads(4, [](int) {
        const auto self = std::this_thread::get_id();
        for (int round = 0; round < scaled(200); ++round) {
            bool own = false;
            twill::parallel_invoke([&] { own = std::this_thread::get_id() == self; },
                                   [] { keep(work(100)); });
            ASSERT_TRUE(own);
            std::atomic<bool> first_on_own{false};
            twill::parallel_for(0, 100, [&](int i) {
                if (i == 0) {
                    first_on_own = std::this_thread::get_id() == self;
                }
            });
            ASSERT_TRUE(first_on_own);
        }
    });
}

TEST(guests, stay_as_they_were) {
    on_threads(3, [](int k) {
        become_outsider(k);
        cpu_set_t allowed;
        CPU_ZERO(&allowed);
        sched_getaffinity(0, sizeof allowed, &allowed);
        for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
            if (CPU_ISSET(cpu, &allowed)) {
                CPU_ZERO(&allowed);
                CPU_SET(cpu, &allowed);
                break;
            }
        }
        sched_setaffinity(0, sizeof allowed, &allowed);
        std::vector<char> memory(static_cast<std::size_t>(SIGSTKSZ));
        stack_t alternate{};
        alternate.ss_sp = memory.data();
        alternate.ss_size = memory.size();
        stack_t previous{};
        ASSERT_EQ(sigaltstack(&alternate, &previous), 0);

        const surroundings before = surroundings::now();
        EXPECT_EQ(before.alternate.ss_sp, memory.data());
        const auto self = std::this_thread::get_id();
        for (int round = 0; round < scaled(50); ++round) {
            EXPECT_EQ(fib(10), 55);
            twill::parallel_for(0, 200, [&](int) {
                keep(work(100));
                if (std::this_thread::get_id() == self) {
                    before.expect_same(surroundings::now());
                }
            });
            const surroundings after = surroundings::now();
            before.expect_same(after);
            EXPECT_EQ(after.alternate.ss_sp, memory.data());
        }
        sigaltstack(&previous, nullptr);
    });
}

// What is kept for a guest that has ended serves the next one. A deque alone takes 2 KiB.
TEST(guests, come_and_go_by_the_thousand) {
    long sum = 0;
    const auto come_and_go = [&](int guests) {
        for (int k = 0; k < guests; ++k) {
            std::thread([&] {
                const auto [a, b] = twill::parallel_invoke([k] { return k; }, [] { return 1; });
                sum += a + b;
            }).join();
        }
    };
    come_and_go(100);
    sum = 0;
    const long before = resident();
    const int guests = scaled(3000);
    come_and_go(guests);
    EXPECT_EQ(sum, long{guests} * (guests - 1) / 2 + guests);
    if (!address_sanitizer && !thread_sanitizer) {
        EXPECT_LT(resident() - before, 2L * guests / 2);
    }
}

TEST(guests, come_and_go_several_at_a_time) {
    std::atomic<int> calls{0};
    on_threads(4, [&](int) {
        for (int k = 0; k < scaled(500); ++k) {
            std::thread([&] { twill::parallel_for(0, 10, [&](int) { ++calls; }); }).join();
        }
    });
    EXPECT_EQ(calls, 4 * scaled(500) * 10);
}

std::atomic<int> destructor_sum{0};

struct calls_verbs_when_it_goes {
    ~calls_verbs_when_it_goes() {
        const auto [a, b] = twill::parallel_invoke([] { return fib(8); }, [] { return 1; });
        destructor_sum += a + b;
        twill::parallel_for(0, 100, [](int) { ++destructor_sum; });
    }
    void touch() const { keep(reinterpret_cast<std::uintptr_t>(this)); }
};

/// Each object is made by the first call in a thread.
template <int Which>
void make_thread_local() {
    static thread_local const calls_verbs_when_it_goes one;
    one.touch();
}

// One object is older than what the runtime keeps for the thread, the other one younger.
TEST(guests, call_verbs_in_destructors_of_their_thread_locals) {
    destructor_sum = 0;
    const int rounds = scaled(200);
    for (int k = 0; k < rounds; ++k) {
        std::thread([] {
            make_thread_local<1>();
            EXPECT_EQ(fib(5), 5);
            make_thread_local<2>();
        }).join();
        std::thread([] { make_thread_local<1>(); }).join();
    }
    EXPECT_EQ(destructor_sum, 3 * rounds * 122);
}

TEST(runtime_threads, have_names_and_block_signals) {
    if (twill::worker_count() == 1) {
        GTEST_SKIP() << "one worker";
    }
    ASSERT_TRUE(repeat_until_stolen(1, [] { fib(20); }));
    int ours = 0;
    for (const auto& [name, blocked] : threads_of_process()) {
        if (name.rfind("twill-", 0) != 0) {
            continue;
        }
        ++ours;
        const auto is_blocked = [mask = blocked](int signal) {
            return (mask >> (signal - 1) & 1) != 0;
        };
        EXPECT_TRUE(is_blocked(SIGINT) && is_blocked(SIGTERM) && is_blocked(SIGUSR1) &&
                    is_blocked(SIGALRM) && is_blocked(SIGCHLD));
        EXPECT_FALSE(is_blocked(SIGSEGV) || is_blocked(SIGBUS) || is_blocked(SIGFPE) ||
                     is_blocked(SIGILL));
    }
    EXPECT_GE(ours, 1);
}

} // namespace
