// SPDX-License-Identifier: Apache-2.0
// Options in any order, and std::stop_token: what is returned, and what still runs.
#include "support.hpp"

#include <functional>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

namespace {

using namespace twill_test;
using twill::outcome;

constexpr auto nothing = [](int) {};
constexpr auto identity_map = [](int i) { return i; };

TEST(options, trail_in_any_order) {
    std::stop_source source;
    const std::stop_token token = source.get_token();
    const twill::grain grain(10);
    EXPECT_EQ(twill::parallel_for(0, 100, nothing, grain, token), outcome::completed);
    EXPECT_EQ(twill::parallel_for(0, 100, nothing, token, grain), outcome::completed);
    EXPECT_EQ(twill::parallel_for(0, 100, nothing, source.get_token(), twill::grain(3)),
              outcome::completed);
    const std::vector<int> values(100);
    EXPECT_EQ(twill::parallel_for_each(values, nothing, grain, token), outcome::completed);
    EXPECT_EQ(twill::parallel_for_each(values, nothing, token, grain), outcome::completed);
    const auto blocks = [](int, int) {};
    EXPECT_EQ(twill::parallel_for_blocks(0, 100, blocks, grain, token), outcome::completed);
    EXPECT_EQ(twill::parallel_for_blocks(0, 100, blocks, token, grain), outcome::completed);
    EXPECT_EQ(twill::parallel_reduce(0, 100, 0, identity_map, std::plus<>(), grain, token), 4950);
    EXPECT_EQ(twill::parallel_reduce(0, 100, 0, identity_map, std::plus<>(), token, grain), 4950);
    EXPECT_EQ(twill::parallel_invoke([] {}, [] {}, grain, token), outcome::completed);
    EXPECT_EQ(twill::parallel_invoke([] {}, [] {}, token, grain), outcome::completed);
    EXPECT_EQ(twill::parallel_invoke([] { return 1; }, [] { return 2; }, token, grain),
              std::optional(std::tuple(1, 2)));
}

TEST(options, change_the_types_only_where_a_token_is_given) {
    const std::stop_token token;
    const twill::grain grain(2);
    const auto value = [] { return 1; };
    const auto none = [] {};
    static_assert(std::is_void_v<decltype(twill::parallel_for(0, 1, nothing))>);
    static_assert(std::is_void_v<decltype(twill::parallel_for(0, 1, nothing, grain))>);
    static_assert(
        std::is_same_v<decltype(twill::parallel_for(0, 1, nothing, grain, token)), outcome>);
    static_assert(
        std::is_same_v<decltype(twill::parallel_reduce(0, 1, 0L, identity_map, std::plus<>())),
                       long>);
    static_assert(std::is_same_v<decltype(twill::parallel_reduce(0, 1, 0L, identity_map,
                                                                 std::plus<>(), token)),
                                 std::optional<long>>);
    static_assert(std::is_void_v<decltype(twill::parallel_invoke(none, none, grain))>);
    static_assert(std::is_same_v<decltype(twill::parallel_invoke(none, none, token)), outcome>);
    static_assert(std::is_same_v<decltype(twill::parallel_invoke(none, token)), outcome>);
    static_assert(std::is_same_v<decltype(twill::parallel_invoke(value, none, token)),
                                 std::optional<std::tuple<int, std::monostate>>>);
    static_assert(std::is_same_v<decltype(twill::parallel_invoke(value, value, grain)),
                                 std::tuple<int, int>>);
    // A token without a source never stops anything.
    EXPECT_EQ(twill::parallel_for(0, 100, nothing, token), outcome::completed);
}

TEST(stop, before_the_beginning_runs_nothing) {
    std::stop_source source;
    source.request_stop();
    const std::stop_token token = source.get_token();
    int calls = 0;
    const auto count = [&](auto...) { ++calls; };
    const std::vector<int> values(100);
    EXPECT_EQ(twill::parallel_for(0, 10, count, token), outcome::stopped);
    EXPECT_EQ(twill::parallel_for(0, 10'000, count, token), outcome::stopped);
    EXPECT_EQ(twill::parallel_for_each(values, count, token), outcome::stopped);
    EXPECT_EQ(twill::parallel_for_blocks(0, 1000, count, token), outcome::stopped);
    EXPECT_EQ(twill::parallel_invoke(count, token), outcome::stopped);
    EXPECT_EQ(twill::parallel_invoke(count, count, token), outcome::stopped);
    EXPECT_EQ(twill::parallel_invoke(count, count, count, token), outcome::stopped);
    const auto one = [&] { return ++calls; };
    EXPECT_EQ(twill::parallel_invoke(one, one, token), std::nullopt);
    EXPECT_EQ(twill::parallel_reduce(
                  0, 100, 0, [&](int) { return ++calls; }, std::plus<>(), token),
              std::nullopt);
    EXPECT_EQ(calls, 0);
}

// Nothing was left out, so nothing was stopped.
TEST(stop, of_an_empty_range_completes) {
    std::stop_source source;
    source.request_stop();
    EXPECT_EQ(twill::parallel_for(0, 0, nothing, source.get_token()), outcome::completed);
    EXPECT_EQ(twill::parallel_reduce(0, 0, 5, identity_map, std::plus<>(), source.get_token()), 5);
}

TEST(stop, in_the_last_body_completes) {
    for (const int count : {1, 10, 64, 1000}) {
        std::stop_source source;
        std::atomic<int> calls{0};
        EXPECT_EQ(twill::parallel_for(
                      0, count,
                      [&](int) {
                          if (++calls == count) {
                              source.request_stop();
                          }
                      },
                      source.get_token()),
                  outcome::completed);
        EXPECT_EQ(calls, count);
    }
}

/// Bodies begun and ended: at the end of a verb the two must agree.
struct progress {
    std::atomic<int> begun{0};
    std::atomic<int> ended{0};
    void run(int steps) {
        ++begun;
        keep(work(steps));
        ++ended;
    }
};

TEST(stop, in_the_middle_lets_running_bodies_finish) {
    EXPECT_TRUE(repeat_until_stolen(scaled(100), [] {
        std::stop_source source;
        progress seen;
        const auto ended = twill::parallel_for(
            0, 100'000,
            [&](int) {
                if (seen.begun >= 500) {
                    source.request_stop();
                }
                seen.run(200);
            },
            source.get_token());
        ASSERT_EQ(ended, outcome::stopped);
        ASSERT_EQ(seen.begun, seen.ended);
        ASSERT_GE(seen.begun, 500);
        ASSERT_LT(seen.begun, 100'000);
    }));
}

TEST(stop, from_another_thread) {
    for (int round = 0; round < scaled(20); ++round) {
        std::stop_source source;
        progress seen;
        std::thread stopper([&] {
            if (eventually([&] { return seen.begun > 10; })) {
                source.request_stop();
            }
        });
        // Longer than anybody waits: only the stop ends it.
        const auto ended = twill::parallel_for(
            std::uint64_t{0}, std::uint64_t{1} << 40, [&](auto) { seen.run(100); },
            source.get_token());
        EXPECT_EQ(ended, outcome::stopped);
        EXPECT_EQ(seen.begun, seen.ended);
        stopper.join();
    }
}

TEST(stop, of_a_reduction_or_values_gives_nothing_and_destroys_each_value_once) {
    EXPECT_TRUE(repeat_until_stolen(scaled(50), [] {
        std::stop_source source;
        std::atomic<int> calls{0};
        const auto sum = twill::parallel_reduce(
            0, 50'000, counted(0),
            [&](int i) {
                if (++calls == 100) {
                    source.request_stop();
                }
                keep(work(100));
                return counted(i);
            },
            [](counted a, counted b) { return counted(a.number() + b.number()); },
            source.get_token());
        ASSERT_FALSE(sum.has_value());
        const auto values = twill::parallel_invoke([] { return counted(1); },
                                                   [] { return counted(2); }, source.get_token());
        ASSERT_FALSE(values.has_value());
        ASSERT_EQ(counted::live(), 0);
    }));
}

TEST(stop, drops_the_callables_of_an_invoke_that_have_not_begun) {
    EXPECT_TRUE(repeat_until_stolen(scaled(200), [] {
        std::stop_source source;
        progress seen;
        const auto one = [&] { seen.run(1000); };
        const auto stopping = [&] {
            seen.run(1000);
            source.request_stop();
        };
        const auto ended = twill::parallel_invoke(one, stopping, one, one, one, one, one, one, one,
                                                  one, one, one, source.get_token());
        ASSERT_EQ(seen.begun, seen.ended);
        ASSERT_EQ(ended == outcome::stopped, seen.begun < 12) << seen.begun;
        ASSERT_GE(seen.begun, 2);
    }));
}

TEST(stop, is_not_inherited_by_nested_verbs) {
    std::stop_source source;
    std::atomic<int> inner{0};
    std::atomic<int> outer{0};
    const auto ended = twill::parallel_for(
        0, 1000,
        [&](int) {
            ++outer;
            source.request_stop();
            twill::parallel_for(0, 100, [&](int) { ++inner; });
            const auto [a, b] = twill::parallel_invoke([] { return 1; }, [] { return 2; });
            EXPECT_EQ(a + b, 3);
        },
        source.get_token());
    EXPECT_EQ(ended, outcome::stopped);
    EXPECT_EQ(inner, outer * 100);
    EXPECT_LE(outer, 2 * twill::worker_count());
}

TEST(stop, yields_to_an_exception) {
    EXPECT_TRUE(repeat_until_stolen(scaled(100), [] {
        std::stop_source of_loop;
        std::stop_source of_reduction;
        std::atomic<int> calls{0};
        const auto stop_and_throw_once = [&](std::stop_source& source) {
            keep(work(500));
            if (++calls == 50) {
                source.request_stop();
                throw std::runtime_error("after the stop");
            }
        };
        EXPECT_THROW(
            (void)twill::parallel_for(
                0, 10'000, [&](int) { stop_and_throw_once(of_loop); }, of_loop.get_token()),
            std::runtime_error);
        calls = 0;
        EXPECT_THROW((void)twill::parallel_reduce(
                         0, 10'000, 0,
                         [&](int i) {
                             stop_and_throw_once(of_reduction);
                             return i;
                         },
                         std::plus<>(), of_reduction.get_token()),
                     std::runtime_error);
    }));
}

// One token for several verbs at a time: each tells for itself.
TEST(stop, ends_every_verb_that_was_given_the_token) {
    std::stop_source source;
    std::atomic<int> stopped{0};
    std::atomic<int> calls{0};
    twill::parallel_for(0, 50, [&](int) {
        const outcome inner = twill::parallel_for(
            0, 1000,
            [&](int) {
                ++calls;
                source.request_stop();
            },
            source.get_token());
        stopped += inner == outcome::stopped ? 1 : 0;
    });
    EXPECT_EQ(stopped, 50);
    EXPECT_GE(calls, 1);
    EXPECT_LE(calls, 2 * twill::worker_count());
}

} // namespace
