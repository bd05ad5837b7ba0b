// SPDX-License-Identifier: Apache-2.0
// Reducers: what tasks add comes out in serial order, whoever ran them.
#include "ordered_lists.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <random>
#include <thread>
#include <vector>

namespace {

using namespace twill_test;

/// Runs `round` until `counter` of the load has grown in it, and `least` times at least.
template <class Round>
void until_counted(std::uint64_t twill::worker_load::* counter, int least, Round round) {
    const auto count = [&] { return twill::load().since_start.total().*counter; };
    const std::uint64_t before = count();
    const auto deadline = std::chrono::steady_clock::now() + patience;
    for (int k = 0; k < least || (twill::worker_count() > 1 && count() == before); ++k) {
        ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "it did not happen";
        ASSERT_NO_FATAL_FAILURE(round());
    }
}

TEST(reducer, keeps_the_order_of_forks) {
    EXPECT_TRUE(repeat_until_stolen(scaled(100), [] {
        int_list list;
        append_by_forks(list, 0, 1000, 100);
        ASSERT_EQ(*list, first_numbers(1000));
    }));
}

TEST(reducer, keeps_the_order_of_many_callables) {
    EXPECT_TRUE(repeat_until_stolen(scaled(100), [] {
        int_list list;
        const auto add = [&list](int first) {
            return [&list, first] {
                keep(work(2000));
                append_by_forks(list, first, first + 10, 500);
            };
        };
        twill::parallel_invoke(add(0), add(10), add(20), add(30), add(40));
        ASSERT_EQ(*list, first_numbers(50));
    }));
}

TEST(reducer, keeps_the_order_of_loops) {
    EXPECT_TRUE(repeat_until_stolen(scaled(50), [] {
        int_list list;
        twill::parallel_for(0, 5000, [&](int i) {
            keep(work(100));
            list->push_back(i);
        });
        twill::parallel_for_blocks(5000, 10'000, [&](int begin, int end) {
            for (int i = begin; i < end; ++i) {
                list->push_back(i);
            }
        });
        const int sum = twill::parallel_reduce(
            10'000, 10'040, 0,
            [&](int i) {
                keep(work(1000));
                list->push_back(i);
                return 1;
            },
            [](int a, int b) { return a + b; });
        ASSERT_EQ(sum, 40);
        ASSERT_EQ(*list, first_numbers(10'040));
    }));
}

/// A random tree of verbs, walked by verbs or by calls.
class walk {
public:
    walk(bool parallel, unsigned seed, int_list& to, int_list& other)
        : parallel_(parallel), seed_(seed), to_(to), other_(other) {}

    void visit(int depth, unsigned path) const {
        std::mt19937 random(seed_ * 7919 + path);
        add(path);
        if (depth == 0) {
            keep(work(static_cast<int>(random() % 500)));
            return;
        }
        const auto child = [=, this](unsigned k) { visit(depth - 1, path * 7 + k + 1); };
        switch (random() % 5) {
        case 0:
            both([=] { child(0); }, [=] { child(1); });
            break;
        case 1:
            both([=] { child(0); },
                 [=, this] { both([=] { child(1); }, [=, this] { add(path + 1); }); });
            break;
        case 2:
            loop(5, child);
            break;
        case 3:
            if (parallel_) {
                twill::parallel_invoke([=] { child(0); }, [=] { child(1); }, [=] { child(2); });
            } else {
                loop(3, child);
            }
            break;
        default:
            child(0);
            loop(70, [=, this](unsigned k) { add(path + k); });
        }
        add(path);
    }

private:
    void add(unsigned what) const {
        to_->push_back(static_cast<int>(what % 1'000'003));
        if (what % 3 == 0) {
            other_->push_back(static_cast<int>(what % 1'000'003));
        }
    }
    template <class First, class Second>
    void both(First first, Second second) const {
        if (parallel_) {
            twill::parallel_invoke(first, second);
        } else {
            first();
            second();
        }
    }
    template <class Body>
    void loop(unsigned count, Body body) const {
        if (parallel_) {
            twill::parallel_for(0U, count, body);
        } else {
            for (unsigned k = 0; k < count; ++k) {
                body(k);
            }
        }
    }

    bool parallel_;
    unsigned seed_;
    int_list& to_;
    int_list& other_;
};

TEST(reducer, keeps_the_order_of_mixed_verbs) {
    unsigned seed = 0;
    EXPECT_TRUE(repeat_until_stolen(scaled(60), [&] {
        ++seed;
        int_list expected;
        int_list expected_other;
        walk(false, seed, expected, expected_other).visit(6, 1);
        int_list list;
        int_list other;
        walk(true, seed, list, other).visit(6, 1);
        ASSERT_EQ(*list, *expected) << "seed " << seed;
        ASSERT_EQ(*other, *expected_other) << "seed " << seed;
    }));
}

/// Two halves of which the second begins on another thread, if there is one, before the first one
/// ends.
template <class First, class Second>
void invoke_apart(First first, Second second) {
    // Longer than a fork may be kept private because those before it came back unstolen.
    std::this_thread::sleep_for(std::chrono::microseconds(200));
    std::atomic<bool> begun{false};
    twill::parallel_invoke(
        [&] {
            first();
            EXPECT_TRUE(twill::worker_count() == 1 || eventually([&] { return begun.load(); }));
        },
        [&] {
            begun = true;
            second();
        });
}

// The caller waits for its second half and takes parts of that meanwhile.
TEST(reducer, keeps_the_order_when_joins_leapfrog) {
    until_counted(&twill::worker_load::leapfrogged, scaled(50), [] {
        int_list list;
        invoke_apart([&] { list->push_back(0); }, [&] { append_by_forks(list, 1, 300, 2000); });
        ASSERT_EQ(*list, first_numbers(300));
    });
}

TEST(reducer, keeps_the_order_when_joins_hand_over) {
    until_counted(&twill::worker_load::handed_over, scaled(20), [] {
        int_list list;
        invoke_apart([&] { append_by_forks(list, 0, 20, 100); },
                     [&] {
                         std::this_thread::sleep_for(std::chrono::microseconds(200));
                         append_by_forks(list, 20, 40, 100);
                     });
        ASSERT_EQ(*list, first_numbers(40));
    });
}

// A block of numbers for each verb of each guest: blocks in any order, each in its own.
TEST(reducer, is_shared_by_guests) {
    constexpr int block = 50;
    const int rounds = scaled(20);
    int_list list;
    twill::sum_reducer<long> sum(7);
    std::vector<std::thread> guests;
    for (int guest = 0; guest < 5; ++guest) {
        guests.emplace_back([&, guest] {
            for (int round = 0; round < rounds; ++round) {
                const int first = (guest * rounds + round) * block;
                twill::parallel_for(first, first + block, [&](int i) {
                    keep(work(500));
                    list->push_back(i);
                    *sum += i;
                });
            }
        });
    }
    for (std::thread& one : guests) {
        one.join();
    }
    const int count = 5 * rounds * block;
    ASSERT_EQ(list->size(), static_cast<std::size_t>(count));
    for (auto at = list->begin(); at != list->end(); at += block) {
        ASSERT_EQ(*at % block, 0);
        for (int k = 0; k < block; ++k) {
            ASSERT_EQ(at[k], *at + k);
        }
    }
    std::sort(list->begin(), list->end());
    EXPECT_EQ(*list, first_numbers(count));
    EXPECT_EQ(*sum, 7 + long{count} * (count - 1) / 2);
}

/// Products of two by two matrices modulo a prime that the monoid carries.
struct product {
    using value_type = std::array<std::uint64_t, 4>;
    std::uint64_t modulus;
    [[nodiscard]] value_type identity() const { return {1, 0, 0, 1}; }
    void combine(value_type& a, const value_type& b) const {
        a = {(a[0] * b[0] + a[1] * b[2]) % modulus, (a[0] * b[1] + a[1] * b[3]) % modulus,
             (a[2] * b[0] + a[3] * b[2]) % modulus, (a[2] * b[1] + a[3] * b[3]) % modulus};
    }
};

TEST(reducer, takes_operations_that_do_not_commute) {
    const product modulo{1'000'003};
    const auto factor = [](std::uint64_t i) {
        return product::value_type{i % 10, 1, i % 7, i % 3 + 1};
    };
    product::value_type expected = modulo.identity();
    for (std::uint64_t i = 0; i < 5000; ++i) {
        modulo.combine(expected, factor(i));
    }
    EXPECT_TRUE(repeat_until_stolen(scaled(50), [&] {
        twill::reducer<product> all(modulo);
        twill::parallel_for(std::uint64_t{0}, std::uint64_t{5000}, [&](std::uint64_t i) {
            keep(work(30));
            modulo.combine(*all, factor(i));
        });
        ASSERT_EQ(*all, expected);
    }));
}

} // namespace
