// SPDX-License-Identifier: Apache-2.0
// The explicit form of fork and join: arguments, values, exceptions and options as with plain
// verbs.
#include "failures.hpp"
#include "support.hpp"

#include <twill/experimental/context.hpp>

#include <array>
#include <functional>
#include <memory>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <tuple>
#include <type_traits>
#include <variant>

namespace {

using namespace twill_test;
using twill::experimental::as_plain;
using twill::experimental::context;
using twill::experimental::parallel_invoke;
using twill::experimental::run;

static_assert(sizeof(context) == sizeof(void*) && std::is_trivially_copyable_v<context>);
static_assert(!std::is_default_constructible_v<context>);

int fib_with(context here, int n) {
    if (n < 2) {
        return n;
    }
    const auto [a, b] = parallel_invoke(
        here, [n](context first) { return fib_with(first, n - 1); },
        [n](context second) { return fib_with(second, n - 2); });
    return a + b;
}

void fib_by_reference(context here, int n, int& value) {
    if (n < 2) {
        value = n;
        return;
    }
    int a = 0;
    int b = 0;
    parallel_invoke(
        here, [&](context first) { fib_by_reference(first, n - 1, a); },
        [&](context second) { fib_by_reference(second, n - 2, b); });
    value = a + b;
}

TEST(experimental_context, forks_and_joins) {
    EXPECT_TRUE(repeat_until_stolen(3, [] {
        EXPECT_EQ(run([](context c) { return fib_with(c, 22); }), 17711);
        int value = 0;
        run([&](context c) { fib_by_reference(c, 20, value); });
        EXPECT_EQ(value, 6765);
    }));
}

TEST(experimental_context, returns_what_the_body_returns) {
    int target = 1;
    static_assert(std::is_void_v<decltype(run([](context) {}))>);
    int& reference = run([&](context) -> int& { return target; });
    reference = 2;
    EXPECT_EQ(target, 2);
    EXPECT_EQ(*run([](context) { return std::make_unique<int>(3); }), 3);
    EXPECT_EQ(twill::this_worker(), -1);
    run([](context) { EXPECT_GE(twill::this_worker(), 0); });
    EXPECT_EQ(twill::this_worker(), -1);
}

TEST(experimental_context, returns_values_as_the_plain_verb_does) {
    static int five = 5;
    run([](context c) {
        std::atomic<int> calls{0};
        const auto count = [&](context) { ++calls; };
        static_assert(std::is_void_v<decltype(parallel_invoke(c, count, count))>);
        static_assert(std::is_void_v<decltype(parallel_invoke(c, count, count, count))>);
        parallel_invoke(c, count, count);
        parallel_invoke(c, count, count, count);
        parallel_invoke(c, count);
        EXPECT_EQ(calls, 6);
        auto pair = parallel_invoke(c, count, [](context) -> int& { return five; });
        static_assert(std::is_same_v<decltype(pair), std::tuple<std::monostate, int>>);
        EXPECT_EQ(std::get<1>(pair), 5);
        auto [owner, text] = parallel_invoke(
            c, [](context) { return std::make_unique<int>(3); },
            [](context) { return std::string("four"); });
        EXPECT_EQ(*owner, 3);
        EXPECT_EQ(text, "four");
        auto [a, b, d] = parallel_invoke(
            c, [](context) { return std::make_unique<int>(6); }, [](context) { return 7; },
            [] { return 8; });
        EXPECT_EQ(*a + b + d, 21);
        auto [alone] = parallel_invoke(c, [](context) { return 9; });
        EXPECT_EQ(alone, 9);
    });
}

int eleven(context /*here*/) { return 11; }
int twelve() { return 12; }

struct either_way {
    std::string operator()(context /*here*/) const { return "context"; }
    std::string operator()() const { return "plain"; }
};
struct as_passed {
    std::string operator()(context /*here*/) & { return "lvalue"; }
    std::string operator()(context /*here*/) && { return "rvalue"; }
};

TEST(experimental_context, takes_callables_of_all_kinds) {
    run([](context c) {
        EXPECT_EQ(parallel_invoke(c, eleven, &eleven), std::tuple(11, 11));
        EXPECT_EQ(parallel_invoke(c, eleven, twelve), std::tuple(11, 12));
        EXPECT_EQ(parallel_invoke(c, twelve, eleven, &twelve), std::tuple(12, 11, 12));
        EXPECT_EQ(parallel_invoke(c, either_way(), either_way(), either_way()),
                  std::tuple("context", "context", "context"));
        as_passed one;
        EXPECT_EQ(parallel_invoke(c, one, as_passed()), std::tuple("lvalue", "rvalue"));
        EXPECT_EQ(parallel_invoke(c, one, as_passed(), one),
                  std::tuple("lvalue", "rvalue", "lvalue"));
        auto count = [n = 0](context) mutable { return ++n; };
        auto other = count;
        parallel_invoke(c, count, other);
        parallel_invoke(c, other, count, [](context) {});
        EXPECT_EQ(count(c) * 10 + other(c), 33);
        std::array<int, 64> many;
        std::iota(many.begin(), many.end(), 0);
        const auto sum = [many](context) { return std::accumulate(many.begin(), many.end(), 0); };
        EXPECT_EQ(parallel_invoke(c, sum, sum), std::tuple(2016, 2016));
        const std::function<int(context)> wrapped = eleven;
        EXPECT_EQ(parallel_invoke(c, wrapped, wrapped, wrapped), std::tuple(11, 11, 11));
        auto [moved, held] = parallel_invoke(
            c, [own = std::make_unique<int>(4)](context) mutable { return std::move(own); },
            [own = std::make_unique<int>(5)](context) mutable { return std::move(own); });
        EXPECT_EQ(*moved + *held, 9);
    });
}

TEST(experimental_context, takes_options) {
    run([](context c) {
        std::stop_source source;
        const auto value = [](context) { return 1; };
        const auto none = [](context) {};
        const std::stop_token token = source.get_token();
        EXPECT_EQ(parallel_invoke(c, value, value, twill::at_most(1)), std::tuple(1, 1));
        EXPECT_EQ(parallel_invoke(c, value, value, value, token, twill::at_most(2)),
                  std::optional(std::tuple(1, 1, 1)));
        EXPECT_EQ(parallel_invoke(c, none, none, token), twill::outcome::completed);
        source.request_stop();
        EXPECT_EQ(parallel_invoke(c, none, none, token), twill::outcome::stopped);
        EXPECT_EQ(parallel_invoke(c, value, value, token), std::nullopt);
    });
}

int nest_in_first(context here, int depth) {
    if (depth == 0) {
        return 0;
    }
    auto [below, one] = parallel_invoke(
        here, [depth](context c) { return nest_in_first(c, depth - 1); },
        [](context) { return 1; });
    return below + one;
}

int nest_in_second(context here, int depth) {
    if (depth == 0) {
        return 0;
    }
    auto [one, below] = parallel_invoke(
        here, [](context) { return 1; },
        [depth](context c) { return nest_in_second(c, depth - 1); });
    return below + one;
}

// Every third fork is a plain one, and every fourth makes the list known to it.
int nest_in_turn(context here, int depth) {
    if (depth == 0) {
        return 0;
    }
    const auto below = [depth](context c) { return nest_in_turn(c, depth - 1); };
    const auto plain = [&] {
        return twill::parallel_invoke([&] { return run(below); }, [] { return 1; });
    };
    auto [sum, one] = depth % 3 == 0   ? plain()
                      : depth % 4 == 0 ? as_plain(here, plain)
                                       : parallel_invoke(here, below, [](context) { return 1; });
    return sum + one;
}

// Deep lists of private jobs: a walk to the old end of them uses sentinels.
TEST(experimental_context, nests_deeply) {
    const int depth = address_sanitizer ? 2000 : 5000;
    EXPECT_TRUE(repeat_until_stolen(scaled(100), [depth] {
        EXPECT_EQ(run([=](context c) { return nest_in_first(c, depth); }), depth);
        EXPECT_EQ(run([=](context c) { return nest_in_second(c, depth); }), depth);
        EXPECT_EQ(run([=](context c) { return nest_in_turn(c, depth / 2); }), depth / 2);
    }));
}

TEST(experimental_context, serves_many_guests) {
    const int guests = 2 * std::min(twill::worker_count(), 16) + 3;
    on_threads(guests, [](int) {
        for (int round = 0; round < scaled(50); ++round) {
            ASSERT_EQ(run([](context c) { return fib_with(c, 12); }), 144);
            ASSERT_EQ(fib(8), 21);
            ASSERT_EQ(twill::this_worker(), -1);
        }
    });
}

/// The first callable runs until the second has begun elsewhere.
TEST(experimental_context, runs_both_at_the_same_time) {
    if (twill::worker_count() == 1) {
        GTEST_SKIP() << "one worker runs one after the other";
    }
    for (int round = 0; round < 20; ++round) {
        std::atomic<bool> begun{false};
        bool met = false;
        run([&](context c) {
            parallel_invoke(
                c, [&](context) { met = eventually([&] { return begun.load(); }); },
                [&](context) { begun = true; });
        });
        ASSERT_TRUE(met) << "round " << round;
    }
}

TEST(experimental_context, throws_what_callables_throw) {
    EXPECT_EQ(thrown_by([] { run([](context) { fail("body"); }); }), "body");
    run([](context c) {
        const auto none = [](context) {};
        EXPECT_EQ(thrown_by([&] { parallel_invoke(c, [](context) { fail("first"); }, none); }),
                  "first");
        EXPECT_EQ(thrown_by([&] { parallel_invoke(c, none, [](context) { fail("second"); }); }),
                  "second");
        EXPECT_EQ(thrown_by([&] { parallel_invoke(c, none, [] { fail("plain"); }); }), "plain");
        EXPECT_EQ(
            thrown_by([&] { parallel_invoke(c, none, none, [](context) { fail("third"); }); }),
            "third");
        EXPECT_EQ(thrown_by([&] { as_plain(c, [] { fail("as plain"); }); }), "as plain");
        EXPECT_EQ(fib_with(c, 10) + fib(10), 110); // the list is as it was
    });
    EXPECT_EQ(twill::this_worker(), -1);
    // With one worker the second has not begun when the first throws: it is dropped.
    twill::runtime alone{{.workers = 1}};
    bool begun = false;
    EXPECT_EQ(thrown_by([&] {
                  alone.run([&] {
                      run([&](context c) {
                          parallel_invoke(
                              c, [](context) { fail("first"); }, [&](context) { begun = true; });
                      });
                  });
              }),
              "first");
    EXPECT_FALSE(begun);
}

counted tree_with_failures(context here, int depth, int failing) {
    if (depth == 0) {
        keep(work(300));
        if (failing == 0) {
            fail("leaf");
        }
        return counted(1);
    }
    const int half = 1 << (depth - 1);
    auto [a, b] = parallel_invoke(
        here,
        [=](context c) { return tree_with_failures(c, depth - 1, failing < half ? failing : -1); },
        [=](context c) { return tree_with_failures(c, depth - 1, failing - half); });
    return counted(a.number() + b.number());
}

TEST(experimental_context, passes_exceptions_through_nested_forks) {
    int round = 0;
    EXPECT_TRUE(repeat_until_stolen(scaled(300), [&] {
        const int failing = (round++ * 37) % 257;
        if (failing < 256) {
            EXPECT_EQ(thrown_by([=] {
                          run([=](context c) { (void)tree_with_failures(c, 8, failing); });
                      }),
                      "leaf");
        } else {
            EXPECT_EQ(run([](context c) { return tree_with_failures(c, 8, -1); }).number(), 256);
        }
        ASSERT_EQ(counted::live(), 0);
    }));
}

} // namespace
