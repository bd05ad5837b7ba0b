// SPDX-License-Identifier: Apache-2.0
// twill::at_most(n): the limit holds, is reached, and changes no result of any verb.
#include "support.hpp"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <numeric>
#include <stop_token>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace {

using namespace twill_test;
using twill::at_most;
using twill::outcome;

constexpr int limits[] = {1, 2, 3, 1000};

/// How many threads are inside at a time, and at most so far.
class crowd {
public:
    /// Something that takes its time, and lets others run where cores are few.
    void visit() {
        enter();
        keep(work(200));
        std::this_thread::yield();
        leave();
    }
    void enter() {
        const int now = ++inside_;
        int most = most_;
        while (now > most && !most_.compare_exchange_weak(most, now)) {
        }
    }
    void leave() { --inside_; }
    [[nodiscard]] int most() const { return most_; }
    [[nodiscard]] int inside() const { return inside_; }

private:
    std::atomic<int> inside_{0};
    std::atomic<int> most_{0};
};

/// How many threads a call with this limit must reach at some time.
int reachable(int limit, int elements) {
    const bool oversubscribed = std::getenv("TWILL_OVERSUBSCRIBE") != nullptr;
    const int places = oversubscribed ? twill::worker_count() : std::min(twill::worker_count(), 2);
    return std::min({limit, elements, places});
}

/// Runs `verb(seen, limit)`, which has so many elements, several times for each limit, and on until
/// as many threads as may be were inside.
template <class Verb>
void check_limits(int rounds, int elements, Verb verb) {
    for (const int limit : limits) {
        const int reached = reachable(limit, elements);
        const auto deadline = std::chrono::steady_clock::now() + patience;
        int most = 0;
        for (int round = 0; round < rounds || most < reached; ++round) {
            crowd seen;
            verb(seen, at_most(limit));
            ASSERT_LE(seen.most(), limit);
            ASSERT_EQ(seen.inside(), 0);
            most = std::max(most, seen.most());
            ASSERT_LT(std::chrono::steady_clock::now(), deadline)
                << "never more than " << most << " of " << reached;
        }
    }
}

TEST(at_most, counts_less_than_one_as_one) {
    static_assert(at_most(0).threads() == 1);
    static_assert(at_most(-7).threads() == 1);
    static_assert(at_most(5U).threads() == 5);
    static_assert(at_most(~std::size_t{0}).threads() == ~std::size_t{0});
}

TEST(at_most, trails_in_any_order) {
    const std::stop_token token;
    const twill::grain grain(10);
    const at_most two(2);
    const auto nothing = [](int) {};
    const auto same = [](int i) { return i; };
    EXPECT_EQ(twill::parallel_for(0, 100, nothing, two, grain, token), outcome::completed);
    EXPECT_EQ(twill::parallel_for(0, 100, nothing, token, grain, two), outcome::completed);
    EXPECT_EQ(twill::parallel_for(0, 100, nothing, grain, two, token), outcome::completed);
    EXPECT_EQ(twill::parallel_reduce(0, 100, 0, same, std::plus<>(), token, two), 4950);
    EXPECT_EQ(twill::parallel_invoke([] {}, two, token), outcome::completed);
    static_assert(std::is_void_v<decltype(twill::parallel_for(0, 1, nothing, two))>);
    static_assert(std::is_void_v<decltype(twill::parallel_invoke([] {}, [] {}, two))>);
    static_assert(
        std::is_same_v<decltype(twill::parallel_invoke([] { return 1; }, [] { return 2L; }, two)),
                       std::tuple<int, long>>);
}

TEST(at_most, holds_in_loops) {
    for (const int count : {2, 40, 64, 65, 1000}) {
        check_limits(3, count, [count](crowd& seen, at_most limit) {
            std::vector<std::atomic<int>> calls(static_cast<std::size_t>(count));
            twill::parallel_for_each(
                calls,
                [&](std::atomic<int>& mine) {
                    seen.visit();
                    ++mine;
                },
                limit);
            ASSERT_TRUE(std::all_of(calls.begin(), calls.end(), [](auto& n) { return n == 1; }));
        });
    }
}

TEST(at_most, holds_for_blocks) {
    check_limits(5, 5000, [](crowd& seen, at_most limit) {
        std::vector<std::atomic<int>> calls(5000);
        twill::parallel_for_blocks(
            std::size_t{0}, calls.size(),
            [&](std::size_t begin, std::size_t end) {
                ASSERT_LT(begin, end);
                seen.visit();
                for (std::size_t i = begin; i < end; ++i) {
                    ++calls[i];
                }
            },
            limit);
        ASSERT_TRUE(std::all_of(calls.begin(), calls.end(), [](auto& n) { return n == 1; }));
    });
}

TEST(at_most, holds_in_reductions) {
    for (const int count : {2, 50, 700}) {
        check_limits(3, count, [count](crowd& seen, at_most limit) {
            const long sum = twill::parallel_reduce(
                0, count, 0L,
                [&](int i) {
                    seen.visit();
                    return long{i};
                },
                std::plus<>(), limit);
            ASSERT_EQ(sum, long{count} * (count - 1) / 2);
        });
    }
}

TEST(at_most, holds_for_callables) {
    check_limits(20, 6, [](crowd& seen, at_most limit) {
        const auto visit = [&] { seen.visit(); };
        std::atomic<int> last{0};
        twill::parallel_invoke(visit, visit, visit, visit, visit, visit, [&] { ++last; }, limit);
        ASSERT_EQ(last, 1);
        twill::parallel_invoke(visit, visit, limit);
        const auto [a, b, c] = twill::parallel_invoke(
            [&] {
                seen.visit();
                return 1;
            },
            [&] {
                seen.visit();
                return std::string("two");
            },
            visit, limit);
        ASSERT_EQ(a, 1);
        ASSERT_EQ(b, "two");
        static_cast<void>(c);
    });
}

TEST(at_most, of_one_runs_in_order_on_the_caller) {
    const std::thread::id caller = std::this_thread::get_id();
    for (const int count : {1, 2, 64, 65, 5000}) {
        std::vector<int> order;
        twill::parallel_for(
            0, count,
            [&](int i) {
                ASSERT_EQ(std::this_thread::get_id(), caller);
                ASSERT_GE(twill::this_worker(), 0);
                order.push_back(i);
            },
            at_most(1));
        std::vector<int> expected(static_cast<std::size_t>(count));
        std::iota(expected.begin(), expected.end(), 0);
        EXPECT_EQ(order, expected);
        int next = 0;
        twill::parallel_for_blocks(
            0, count,
            [&](int begin, int end) {
                ASSERT_EQ(begin, next);
                next = end;
            },
            at_most(1));
        EXPECT_EQ(next, count);
    }
    std::string order;
    twill::parallel_invoke([&] { order += 'a'; }, [&] { order += 'b'; }, [&] { order += 'c'; },
                           at_most(1));
    EXPECT_EQ(order, "abc");
    EXPECT_EQ(twill::this_worker(), -1);
}

TEST(at_most, runs_each_of_many_elements_once) {
    for (const int limit : limits) {
        for (const int count : {1, 63, 66, 129, 1000, scaled(300'000)}) {
            std::vector<std::atomic<char>> calls(static_cast<std::size_t>(count));
            twill::parallel_for(
                std::size_t{0}, calls.size(), [&](std::size_t i) { ++calls[i]; }, at_most(limit));
            EXPECT_TRUE(std::all_of(calls.begin(), calls.end(), [](auto& n) { return n == 1; }));
        }
    }
}

TEST(at_most, covers_more_elements_than_32_bits_tell) {
    const std::uint64_t count = (std::uint64_t{1} << 33) + 5;
    for (const int limit : limits) {
        std::atomic<std::uint64_t> covered{0};
        std::atomic<std::uint64_t> ends{0};
        twill::parallel_for_blocks(
            std::uint64_t{0}, count,
            [&](std::uint64_t begin, std::uint64_t end) {
                covered += end - begin;
                ends ^= begin ^ end;
            },
            at_most(limit));
        EXPECT_EQ(covered, count);
        EXPECT_EQ(ends, count);
    }
}

TEST(at_most, does_nothing_for_an_empty_range) {
    for (const int limit : limits) {
        int calls = 0;
        const auto count = [&](auto...) { ++calls; };
        twill::parallel_for(5, 5, count, at_most(limit));
        twill::parallel_for(5, 4, count, at_most(limit));
        twill::parallel_for_blocks(5, 5, count, at_most(limit));
        twill::parallel_for_each(std::vector<int>(), count, at_most(limit));
        const auto add = [&](int i) {
            ++calls;
            return i;
        };
        EXPECT_EQ(twill::parallel_reduce(7, 7, 42, add, std::plus<>(), at_most(limit)), 42);
        EXPECT_EQ(calls, 0);
    }
}

TEST(at_most, leaves_the_caller_in_a_verb) {
    twill::parallel_for(0, 1, [](int) { EXPECT_GE(twill::this_worker(), 0); }, at_most(1));
    twill::parallel_invoke([] { EXPECT_GE(twill::this_worker(), 0); }, at_most(1));
}

TEST(at_most, keeps_the_order_of_a_reduction) {
    for (const int count : {1, 5, 64, 3000}) {
        std::string expected;
        for (int i = 0; i < count; ++i) {
            expected += std::to_string(i) + ' ';
        }
        for (const int limit : {1, 2, 3, 7, 64, 1000, 1'000'000}) {
            for (const int grain : {1, 50}) {
                const std::string all = twill::parallel_reduce(
                    0, count, std::string(),
                    [](int i) {
                        keep(work(100));
                        return std::to_string(i) + ' ';
                    },
                    [](std::string a, const std::string& b) { return std::move(a) + b; },
                    at_most(limit), twill::grain(grain));
                ASSERT_EQ(all, expected) << limit << " threads, grain " << grain;
            }
        }
    }
}

TEST(at_most, keeps_the_grain) {
    for (const int limit : limits) {
        for (const int count : {5, 16, 17, 100, 10'000}) {
            std::atomic<int> covered{0};
            std::atomic<int> smallest{count};
            twill::parallel_for_blocks(
                0, count,
                [&](int begin, int end) {
                    keep(work(1000));
                    covered += end - begin;
                    int least = smallest;
                    while (end - begin < least &&
                           !smallest.compare_exchange_weak(least, end - begin)) {
                    }
                },
                twill::grain(16), at_most(limit));
            EXPECT_EQ(covered, count);
            EXPECT_GE(smallest, std::min(count, 16));
        }
    }
}

// The inner loops may use everybody; each outer element keeps its turn while it waits for them.
TEST(at_most, is_not_inherited_by_nested_verbs) {
    check_limits(5, 40, [](crowd& seen, at_most limit) {
        std::atomic<int> inner{0};
        twill::parallel_for(
            0, 40,
            [&](int) {
                seen.enter();
                twill::parallel_for(0, 20, [&](int) {
                    keep(work(500));
                    ++inner;
                });
                std::this_thread::yield();
                seen.leave();
            },
            limit);
        ASSERT_EQ(inner, 800);
    });
}

TEST(at_most, lets_nested_verbs_use_other_threads) {
    EXPECT_TRUE(repeat_until_stolen(5, [] {
        twill::parallel_for(
            0, 10, [](int) { twill::parallel_for(0, 100, [](int) { keep(work(2000)); }); },
            at_most(1));
    }));
}

// A serial call answers requests for what lies around it.
TEST(at_most, lets_the_loop_around_it_be_shared) {
    EXPECT_TRUE(repeat_until_stolen(5, [] {
        twill::parallel_for(0, 2, [](int) {
            twill::parallel_for(0, 3000, [](int) { keep(work(200)); }, at_most(1));
        });
    }));
}

TEST(at_most, holds_in_both_of_two_nested_calls) {
    check_limits(3, 10, [](crowd& outer, at_most limit) {
        twill::parallel_for(
            0, 10,
            [&](int) {
                outer.enter();
                crowd inner;
                twill::parallel_for(0, 100, [&](int) { inner.visit(); }, at_most(2));
                ASSERT_LE(inner.most(), 2);
                outer.leave();
            },
            limit);
    });
}

TEST(at_most, holds_for_each_call_of_several_threads) {
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([] {
            for (int round = 0; round < scaled(50); ++round) {
                crowd seen;
                twill::parallel_for(0, 100, [&](int) { seen.visit(); }, at_most(2));
                ASSERT_LE(seen.most(), 2);
            }
        });
    }
    for (std::thread& one : threads) {
        one.join();
    }
}

} // namespace
