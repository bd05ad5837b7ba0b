// SPDX-License-Identifier: Apache-2.0
// per_thread: a value for each thread, private across joins, and what becomes of it.
#include "child_process.hpp"
#include "support.hpp"

#include <array>
#include <csignal>
#include <functional>
#include <iterator>
#include <latch>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace twill_test;

static_assert(std::forward_iterator<twill::per_thread<int>::iterator>);
static_assert(std::forward_iterator<twill::per_thread<int>::const_iterator>);
static_assert(std::is_convertible_v<twill::per_thread<int>::iterator,
                                    twill::per_thread<int>::const_iterator>);
static_assert(!std::is_convertible_v<twill::per_thread<int>::const_iterator,
                                     twill::per_thread<int>::iterator>);

/// Runs `body` on so many threads that are there at the same time.
template <class Body>
void on_threads(int count, Body body) {
    std::latch all(count);
    std::vector<std::thread> threads;
    for (int k = 0; k < count; ++k) {
        threads.emplace_back([&, k] {
            body(k);
            all.arrive_and_wait();
        });
    }
    for (auto& one : threads) {
        one.join();
    }
}

TEST(per_thread, has_one_value_for_each_thread) {
    twill::per_thread<int> values;
    EXPECT_TRUE(values.empty());
    EXPECT_EQ(values.size(), 0);
    EXPECT_EQ(values.begin(), values.end());
    on_threads(5, [&](int k) {
        bool made = false;
        int& mine = values.local(made);
        EXPECT_TRUE(made);
        EXPECT_EQ(mine, 0);
        mine = k + 1;
        EXPECT_EQ(&values.local(made), &mine);
        EXPECT_FALSE(made);
        EXPECT_EQ(&values.local(), &mine);
    });
    EXPECT_FALSE(values.empty());
    EXPECT_EQ(values.size(), 5);
    EXPECT_EQ(std::multiset<int>(values.begin(), values.end()), (std::multiset{1, 2, 3, 4, 5}));
    const auto& constant = values;
    EXPECT_EQ(std::distance(constant.begin(), constant.end()), 5);
    EXPECT_EQ(constant.combine(std::plus<>()), 15);
    int sum = 0;
    constant.combine_each([&](const int& one) { sum += one; });
    EXPECT_EQ(sum, 15);
    values.combine_each([](int& one) { one *= 2; });
    EXPECT_EQ(values.combine([](int a, int b) { return a + b; }), 30);
    values.clear();
    EXPECT_TRUE(values.empty());
    EXPECT_EQ(values.combine(std::plus<>()), 0);
    EXPECT_EQ(values.local(), 0);
}

TEST(per_thread, makes_values_as_it_is_told) {
    twill::per_thread<std::string> copies("text");
    EXPECT_EQ(copies.local(), "text");
    copies.clear();
    EXPECT_EQ(copies.combine([](std::string a, const std::string& b) { return a + b; }), "text");

    const std::string whole = "a text that is too long to be kept in place";
    twill::per_thread<std::string> from_constant(whole);
    EXPECT_EQ(from_constant.local(), whole);

    std::atomic<int> calls{0};
    twill::per_thread<std::unique_ptr<int>> made([&] { return std::make_unique<int>(++calls); });
    EXPECT_EQ(*made.local(), 1);
    EXPECT_EQ(*made.local(), 1);
    made.clear();
    EXPECT_EQ(*made.local(), 2);

    // What a factory gives may be converted, and a callable value is a value all the same.
    twill::per_thread<std::string> converted([] { return "text"; });
    EXPECT_EQ(converted.local(), "text");
    using callable = std::function<int()>;
    twill::per_thread<callable> callables(callable([] { return 7; }));
    EXPECT_EQ(callables.local()(), 7);
    twill::per_thread<callable> made_callables([] { return callable([] { return 8; }); });
    EXPECT_EQ(made_callables.local()(), 8);
}

struct neither_copied_nor_moved {
    explicit neither_copied_nor_moved(int with = 3) : value(with) {}
    int value;
    std::mutex lock;
    std::atomic<int> shared{4};
};

struct without_default {
    explicit without_default(int with) : value(with) {}
    without_default(const without_default&) = delete;
    without_default& operator=(const without_default&) = delete;
    int value;
};

TEST(per_thread, takes_types_that_stay_where_they_are) {
    twill::per_thread<neither_copied_nor_moved> values;
    EXPECT_EQ(values.local().value, 3);
    twill::per_thread<neither_copied_nor_moved> made([] { return neither_copied_nor_moved(5); });
    EXPECT_EQ(made.local().value, 5);
    twill::per_thread<without_default> others([] { return without_default(6); });
    EXPECT_EQ(others.local().value, 6);
}

TEST(per_thread, keeps_a_value_when_its_thread_ends) {
    const long before = counted::live();
    {
        twill::per_thread<counted> values([] { return counted(1); });
        for (int k = 0; k < 20; ++k) {
            std::thread([&] { (void)values.local(); }).join();
        }
        EXPECT_EQ(counted::live() - before, 20);
        EXPECT_EQ(values.size(), 20);
        values.clear();
        EXPECT_EQ(counted::live() - before, 0);
        (void)values.local();
        EXPECT_EQ(counted::live() - before, 1);
    }
    EXPECT_EQ(counted::live() - before, 0);
}

template <std::size_t Alignment>
struct alignas(Alignment) aligned {
    char byte = 1;
};

template <class T>
void expect_lines_of_their_own() {
    twill::per_thread<T> values;
    on_threads(6, [&](int) { (void)values.local(); });
    std::set<std::uintptr_t> lines;
    for (T& one : values) {
        const auto address = reinterpret_cast<std::uintptr_t>(&one);
        EXPECT_EQ(address % alignof(T), 0);
        for (std::uintptr_t line = address / 64; line <= (address + sizeof(T) - 1) / 64; ++line) {
            EXPECT_TRUE(lines.insert(line).second);
        }
    }
}

TEST(per_thread, puts_values_on_lines_of_their_own) {
    expect_lines_of_their_own<char>();
    expect_lines_of_their_own<std::array<char, 100>>();
    expect_lines_of_their_own<aligned<64>>();
    expect_lines_of_their_own<aligned<128>>();
    expect_lines_of_their_own<aligned<4096>>();
}

// Containers come and go at the same addresses and with the same numbers; a thread that has seen
// the old ones never finds what it had there.
TEST(per_thread, has_no_memory_of_those_before_it) {
    std::array<std::optional<twill::per_thread<int>>, 10> values;
    std::atomic<int> wrong{0};
    const auto touch = [&] {
        for (auto& one : values) {
            if (one.has_value()) {
                bool made = false;
                int& mine = one->local(made);
                wrong += made ? 0 : 1;
                wrong += mine == 0 ? 0 : 1;
                mine = 1;
                wrong += one->local() == 1 ? 0 : 1;
            }
        }
    };
    for (int round = 0; round < scaled(200); ++round) {
        for (std::size_t k = 0; k < values.size(); ++k) {
            values[k].reset();
            if (round % static_cast<int>(k + 1) == 0) {
                values[k].emplace();
            }
        }
        touch();
        std::thread(touch).join();
        twill::parallel_for(0, 4, [&](int) {
            for (auto& one : values) {
                if (one.has_value()) {
                    int& mine = one->local();
                    wrong += mine == 0 || mine == 1 ? 0 : 1;
                    mine = 1;
                }
            }
        });
    }
    EXPECT_EQ(wrong, 0);
}

TEST(per_thread, may_be_there_by_the_thousand) {
    std::vector<std::unique_ptr<twill::per_thread<int>>> values;
    for (int k = 0; k < 2000; ++k) {
        values.push_back(std::make_unique<twill::per_thread<int>>(k));
    }
    EXPECT_TRUE(repeat_until_stolen(scaled(20), [&] {
        twill::parallel_for(0, 2000, [&](int k) {
            values[static_cast<std::size_t>(k)]->local() += 2000;
            keep(work(50));
        });
    }));
    int wrong = 0;
    for (int k = 0; k < 2000; ++k) {
        for (const int one : *values[static_cast<std::size_t>(k)]) {
            wrong += one > k && one % 2000 == k ? 0 : 1;
        }
    }
    EXPECT_EQ(wrong, 0);
}

TEST(per_thread, leaves_nothing_behind_when_making_a_value_throws) {
    const long before = counted::live();
    std::atomic<int> calls{0};
    twill::per_thread<std::pair<counted, int>> values([&] {
        const counted made(1);
        if (++calls % 3 != 0) {
            throw std::runtime_error("not yet");
        }
        return std::pair(made, 5);
    });
    for (int round = 0; round < 2; ++round) {
        bool made = false;
        EXPECT_THROW((void)values.local(), std::runtime_error);
        EXPECT_THROW((void)values.local(made), std::runtime_error);
        EXPECT_FALSE(made);
        EXPECT_TRUE(values.empty());
        EXPECT_EQ(counted::live() - before, 0);
        EXPECT_EQ(values.local(made).second, 5);
        EXPECT_TRUE(made);
        EXPECT_EQ(values.size(), 1);
        EXPECT_EQ(counted::live() - before, 1);
        values.clear();
    }
    // In a verb the exception comes out of it as any other.
    calls = 0;
    EXPECT_THROW(twill::parallel_for(0, 100, [&](int) { (void)values.local(); }),
                 std::runtime_error);
    EXPECT_EQ(values.size(), static_cast<std::size_t>(counted::live() - before));
}

// A value may be made from other containers' values, however many there are.
TEST(per_thread, makes_values_from_those_of_others) {
    std::array<twill::per_thread<int>, 30> others;
    twill::per_thread<int> sums([&] {
        int sum = 0;
        for (auto& one : others) {
            sum += one.local() += 1;
        }
        return sum;
    });
    on_threads(3, [&](int) { EXPECT_EQ(sums.local(), 30); });
    EXPECT_EQ(sums.combine(std::plus<>()), 90);
}

/// Forks that count in their thread's value before and after each join, by the reference that they
/// took at first. Plain increments: two threads at one value would lose some, and ThreadSanitizer
/// would see them.
void count_in_forks(twill::per_thread<long>& counts, int depth) {
    long& mine = counts.local();
    ++mine;
    if (depth == 0) {
        keep(work(500));
    } else {
        twill::parallel_invoke([&counts, depth] { count_in_forks(counts, depth - 1); },
                               [&counts, depth] { count_in_forks(counts, depth - 1); });
    }
    ++mine;
    EXPECT_EQ(&counts.local(), &mine);
}

TEST(per_thread, is_private_across_joins) {
    constexpr int depth = 8;
    const auto handed_over = [] { return twill::load().since_start.total().handed_over; };
    const bool waits = twill::worker_count() > 1;
    const std::uint64_t before = handed_over();
    const auto deadline = std::chrono::steady_clock::now() + patience;
    for (int round = 0; round < scaled(50) || (waits && handed_over() == before); ++round) {
        ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "no join gave its place away";
        twill::per_thread<long> counts;
        twill::parallel_invoke([&] { count_in_forks(counts, depth); },
                               [&] {
                                   long& mine = counts.local();
                                   ++mine;
                                   std::this_thread::sleep_for(std::chrono::microseconds(200));
                                   ++mine;
                               },
                               [&] { count_in_forks(counts, depth); });
        ASSERT_EQ(counts.combine(std::plus<>()), 2 * 2 * ((2 << depth) - 1) + 2);
    }
}

// Siblings write their thread's value; what runs inside a join never is a sibling.
TEST(per_thread, serves_as_scratch_across_joins) {
    twill::per_thread<int> scratch(-1);
    EXPECT_TRUE(repeat_until_stolen(scaled(50), [&] {
        twill::parallel_for(0, 64, [&](int i) {
            int& mine = scratch.local();
            const int before = mine;
            mine = i;
            EXPECT_EQ(fib(9), 34);
            twill::parallel_for(0, 20, [](int) { keep(work(200)); });
            EXPECT_EQ(mine, i);
            EXPECT_EQ(&scratch.local(), &mine);
            mine = before;
        });
    }));
    for (const int one : scratch) {
        EXPECT_EQ(one, -1);
    }
}

TEST(per_thread, is_shared_by_guests_and_runtime) {
    twill::per_thread<long> counts;
    on_threads(6, [&](int) {
        for (int round = 0; round < scaled(20); ++round) {
            ++counts.local();
            twill::parallel_for(0, 100, [&](int) { ++counts.local(); });
        }
    });
    EXPECT_EQ(counts.combine(std::plus<>()), 6L * scaled(20) * 101);
    EXPECT_GE(counts.size(), 6U);
}

twill::per_thread<int> in_destructors;
std::atomic<int> lost{0};

struct counts_when_it_goes {
    int expected = 1;
    ~counts_when_it_goes() { lost += ++in_destructors.local() == expected ? 0 : 1; }
};

// One object is older than what is kept for the thread, and is destroyed after it; one is younger.
TEST(per_thread, serves_destructors_of_thread_locals) {
    in_destructors.clear();
    for (int k = 0; k < 10; ++k) {
        std::thread([] {
            static thread_local counts_when_it_goes older;
            older.expected = 3;
            ++in_destructors.local();
            static thread_local counts_when_it_goes younger;
            younger.expected = 2;
        }).join();
    }
    std::thread([] {
        static thread_local counts_when_it_goes alone;
        alone.expected = 1;
    }).join();
    EXPECT_EQ(lost, 0);
    EXPECT_EQ(in_destructors.size(), 11);
    EXPECT_EQ(in_destructors.combine(std::plus<>()), 31);
}

TEST(per_thread, serves_static_objects) {
    const child_result child = run_child({"per_thread_in_statics"});
    EXPECT_EQ(child.exit_code, 0) << child.signal;
    EXPECT_EQ(child.out, "main 2\nolder thread_local 3\natexit 4\nstatic 5\n");
    EXPECT_EQ(child.err, "");
}

TEST(per_thread, serves_a_child_of_fork) {
    const child_result child = run_child({"per_thread_after_fork"});
    EXPECT_EQ(child.exit_code, 0) << child.signal;
    EXPECT_EQ(child.err, "");
}

TEST(per_thread, says_what_is_wrong_with_a_factory_that_needs_its_own_value) {
    const child_result child = run_child({"per_thread_from_itself"});
    EXPECT_EQ(child.signal, SIGABRT);
    EXPECT_EQ(child.err, "twill: per_thread: what makes a value called local() of its own "
                         "container, whose value it has yet to make\n");
}

} // namespace
