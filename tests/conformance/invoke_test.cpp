// SPDX-License-Identifier: Apache-2.0
// parallel_invoke: what it takes, what it returns, and that each callable runs once.
#include "support.hpp"

#include <any>
#include <array>
#include <functional>
#include <memory>
#include <numeric>
#include <string>
#include <thread>
#include <type_traits>

namespace {

using namespace twill_test;

template <std::size_t... Index>
void check_values(std::index_sequence<Index...> /*arity*/) {
    const auto values = twill::parallel_invoke([] { return Index * 3 + 1; }...);
    static_assert(std::tuple_size_v<std::remove_const_t<decltype(values)>> == sizeof...(Index));
    EXPECT_TRUE(((std::get<Index>(values) == Index * 3 + 1) && ...)) << sizeof...(Index);
}

template <std::size_t... Index>
void check_voids(std::index_sequence<Index...> /*arity*/) {
    std::array<std::atomic<int>, sizeof...(Index)> calls{};
    static_assert(std::is_void_v<decltype(twill::parallel_invoke([&] { ++calls[Index]; }...))>);
    twill::parallel_invoke([&] { ++calls[Index]; }...);
    for (const auto& count : calls) {
        EXPECT_EQ(count, 1) << sizeof...(Index);
    }
}

template <std::size_t... Arity>
void for_each_arity(std::index_sequence<Arity...> /*all*/) {
    (check_values(std::make_index_sequence<Arity + 1>{}), ...);
    (check_voids(std::make_index_sequence<Arity + 1>{}), ...);
}

TEST(invoke, takes_any_number_of_callables) {
    for_each_arity(std::index_sequence<0, 1, 2, 3, 4, 6, 15>{});
}

TEST(invoke, returns_monostate_for_void_among_values) {
    std::atomic<int> calls{0};
    auto pair = twill::parallel_invoke([&] { ++calls; }, [] { return 7; });
    static_assert(std::is_same_v<decltype(pair), std::tuple<std::monostate, int>>);
    EXPECT_EQ(std::get<1>(pair), 7);
    auto swapped = twill::parallel_invoke([] { return 8; }, [&] { ++calls; });
    static_assert(std::is_same_v<decltype(swapped), std::tuple<int, std::monostate>>);
    EXPECT_EQ(std::get<0>(swapped), 8);
    auto many = twill::parallel_invoke([] { return std::string("a"); }, [&] { ++calls; },
                                       [] { return 2.5; }, [&] { ++calls; });
    static_assert(std::is_same_v<decltype(many),
                                 std::tuple<std::string, std::monostate, double, std::monostate>>);
    EXPECT_EQ(std::get<0>(many), "a");
    EXPECT_EQ(std::get<2>(many), 2.5);
    EXPECT_EQ(calls, 4);
}

TEST(invoke, decays_what_is_returned_by_reference) {
    static int target = 5;
    static const char text[] = "abc";
    auto two = twill::parallel_invoke([]() -> int& { return target; },
                                      []() -> const char(&)[4] { return text; });
    static_assert(std::is_same_v<decltype(two), std::tuple<int, const char*>>);
    EXPECT_EQ(std::get<0>(two), 5);
    EXPECT_STREQ(std::get<1>(two), "abc");
    auto three =
        twill::parallel_invoke([]() -> const int& { return target; },
                               []() -> const char(&)[4] { return text; }, [] { return target; });
    static_assert(std::is_same_v<decltype(three), std::tuple<int, const char*, int>>);
    std::get<0>(three) = 6;
    EXPECT_EQ(target, 5);
}

struct no_default {
    explicit no_default(int from) : number(from) {}
    int number;
};
struct move_only {
    explicit move_only(int from) : number(std::make_unique<int>(from)) {}
    std::unique_ptr<int> number;
};
struct aggregate {
    int first;
    std::string second;
};

TEST(invoke, returns_values_that_cannot_be_copied_or_made_from_nothing) {
    auto [a, b] = twill::parallel_invoke([] { return move_only(1); }, [] { return no_default(2); });
    EXPECT_EQ(*a.number + b.number, 3);
    auto [c, d, e] =
        twill::parallel_invoke([] { return move_only(3); }, [] { return no_default(4); },
                               [] { return std::make_unique<int>(5); });
    EXPECT_EQ(*c.number, 3);
    EXPECT_EQ(d.number, 4);
    EXPECT_EQ(*e, 5);
    auto [f] = twill::parallel_invoke([] { return move_only(6); });
    EXPECT_EQ(*f.number, 6);
    auto [g, h, i] = twill::parallel_invoke([] { return aggregate{1, "one"}; },
                                            [] { return aggregate{2, "two"}; }, [] { return 3; });
    EXPECT_EQ(g.second + h.second, "onetwo");
    EXPECT_EQ(i, 3);
}

// Constructors that take anything must be given the value and nothing of the runtime's own.
struct greedy {
    template <class Anything>
    explicit(false) greedy(Anything&& from) : is_int(std::is_same_v<Anything, int>) {
        (void)from;
    }
    bool is_int;
};

TEST(invoke, passes_on_values_that_can_be_made_from_anything) {
    auto [a, b, c] = twill::parallel_invoke([] { return std::any(1); }, [] { return std::any(2); },
                                            [] { return greedy(3); });
    EXPECT_EQ(std::any_cast<int>(a), 1);
    EXPECT_EQ(std::any_cast<int>(b), 2);
    EXPECT_TRUE(c.is_int);
    auto [d, e] =
        twill::parallel_invoke([] { return std::any(4); }, [] { return std::optional<int>(5); });
    EXPECT_EQ(std::any_cast<int>(d), 4);
    EXPECT_EQ(e, 5);
}

TEST(invoke, destroys_each_value_once) {
    const bool stolen = repeat_until_stolen(scaled(200), [] {
        auto two = twill::parallel_invoke(
            [] {
                keep(work(1000));
                return counted(1);
            },
            [] { return counted(2); });
        auto three = twill::parallel_invoke([] { return counted(3); },
                                            [] {
                                                keep(work(1000));
                                                return counted(4);
                                            },
                                            [] { return counted(5); });
        EXPECT_EQ(counted::live(), 5);
        EXPECT_EQ(std::get<0>(two).number(), 1);
        EXPECT_EQ(std::get<1>(two).number(), 2);
        EXPECT_EQ(std::get<2>(three).number(), 5);
    });
    EXPECT_TRUE(stolen);
    EXPECT_EQ(counted::live(), 0);
}

/// A callable that counts its copies and moves.
struct tracked {
    int* copies;
    int* moves;
    tracked(int* copied, int* moved) : copies(copied), moves(moved) {}
    tracked(const tracked& other) : copies(other.copies), moves(other.moves) { ++*copies; }
    tracked(tracked&& other) noexcept : copies(other.copies), moves(other.moves) { ++*moves; }
    tracked& operator=(const tracked&) = delete;
    tracked& operator=(tracked&&) = delete;
    ~tracked() = default;
    int operator()() const { return 1; }
};

TEST(invoke, never_copies_callables_that_cost_something) {
    int copies = 0;
    int moves = 0;
    tracked lvalue(&copies, &moves);
    const tracked constant(&copies, &moves);
    twill::parallel_invoke(lvalue, constant);
    twill::parallel_invoke(tracked(&copies, &moves), lvalue);
    twill::parallel_invoke(lvalue, tracked(&copies, &moves), constant, std::move(lvalue));
    EXPECT_EQ(copies, 0);
}

struct pinned {
    pinned() = default;
    pinned(const pinned&) = delete;
    pinned& operator=(const pinned&) = delete;
    int calls = 0;
    void operator()() { ++calls; }
};
struct constant_pinned {
    constant_pinned() = default;
    constant_pinned(const constant_pinned&) = delete;
    constant_pinned& operator=(const constant_pinned&) = delete;
    int operator()() const { return 3; }
};
struct movable_only {
    movable_only() = default;
    movable_only(movable_only&&) = default;
    movable_only& operator=(movable_only&&) = default;
    int operator()() const { return 4; }
};

TEST(invoke, refers_to_callables_that_cannot_be_copied) {
    pinned first;
    pinned second;
    pinned third;
    twill::parallel_invoke(first, second);
    twill::parallel_invoke(first, second, third);
    EXPECT_EQ(first.calls, 2);
    EXPECT_EQ(second.calls, 2);
    EXPECT_EQ(third.calls, 1);
    constant_pinned constant;
    movable_only mover;
    EXPECT_EQ(twill::parallel_invoke(constant, mover), std::tuple(3, 4));
    EXPECT_EQ(twill::parallel_invoke(mover, constant, movable_only()), std::tuple(4, 3, 4));
}

TEST(invoke, keeps_the_state_of_mutable_lambdas) {
    auto count = [n = 0]() mutable { return ++n; };
    auto other = count;
    twill::parallel_invoke(count, other);
    twill::parallel_invoke(count, other, [] {});
    EXPECT_EQ(count(), 3);
    EXPECT_EQ(other(), 3);
    auto values = twill::parallel_invoke([n = 1]() mutable { return ++n; },
                                         [n = 2]() mutable { return ++n; });
    EXPECT_EQ(values, std::tuple(2, 3));
}

struct as_passed {
    std::string operator()() & { return "lvalue"; }
    std::string operator()() && { return "rvalue"; }
};

TEST(invoke, calls_each_callable_as_what_it_was_passed_as) {
    as_passed one;
    EXPECT_EQ(twill::parallel_invoke(one, as_passed()), std::tuple("lvalue", "rvalue"));
    EXPECT_EQ(twill::parallel_invoke(one, std::move(one), as_passed()),
              std::tuple("lvalue", "rvalue", "rvalue"));
    // A move-only closure gives away what it holds.
    auto owner = [held = std::make_unique<int>(4)]() mutable { return std::move(held); };
    auto [a, b] = twill::parallel_invoke(
        std::move(owner), [held = std::make_unique<int>(5)]() mutable { return std::move(held); });
    EXPECT_EQ(*a + *b, 9);
}

struct self_aware {
    const void** seen;
    void operator()() const { *seen = this; }
};

TEST(invoke, copies_small_closures_that_are_called_through_const) {
    const void* seen = nullptr;
    self_aware small{&seen};
    twill::parallel_invoke(small, [] {});
    EXPECT_NE(seen, &small);
    EXPECT_NE(seen, nullptr);
}

int eleven() { return 11; }
int twelve() noexcept { return 12; }

TEST(invoke, takes_functions_pointers_and_wrappers) {
    EXPECT_EQ(twill::parallel_invoke(eleven, &twelve), std::tuple(11, 12));
    EXPECT_EQ(twill::parallel_invoke(&eleven, twelve, eleven), std::tuple(11, 12, 11));
    const std::function<int()> wrapped = [] { return 13; };
    auto lambda = [] { return 14; };
    EXPECT_EQ(twill::parallel_invoke(wrapped, std::ref(lambda)), std::tuple(13, 14));
    EXPECT_EQ(twill::parallel_invoke(wrapped, std::cref(lambda), std::function<int()>(eleven)),
              std::tuple(13, 14, 11));
}

TEST(invoke, takes_large_closures) {
    std::array<int, 64> many;
    std::iota(many.begin(), many.end(), 0);
    const auto sum = [many] { return std::accumulate(many.begin(), many.end(), 0); };
    EXPECT_EQ(twill::parallel_invoke(sum, sum), std::tuple(2016, 2016));
    EXPECT_EQ(twill::parallel_invoke(sum, sum, sum), std::tuple(2016, 2016, 2016));
}

void count_leaves(int depth, std::atomic<int>& leaves) {
    if (depth == 0) {
        ++leaves;
        return;
    }
    const auto child = [&] { count_leaves(depth - 1, leaves); };
    twill::parallel_invoke(child, child, child);
}

TEST(invoke, nests) {
    EXPECT_TRUE(repeat_until_stolen(3, [] { EXPECT_EQ(fib(22), 17711); }));
    std::atomic<int> leaves{0};
    count_leaves(8, leaves);
    EXPECT_EQ(leaves, 6561);
}

int nest_in_first(int depth) {
    if (depth == 0) {
        return 0;
    }
    auto [below, one] =
        twill::parallel_invoke([depth] { return nest_in_first(depth - 1); }, [] { return 1; });
    return below + one;
}

int nest_in_second(int depth) {
    if (depth == 0) {
        return 0;
    }
    auto [one, below] =
        twill::parallel_invoke([] { return 1; }, [depth] { return nest_in_second(depth - 1); });
    return below + one;
}

// Deep lists of private jobs: a walk to the old end of them uses sentinels.
TEST(invoke, nests_deeply_on_either_side) {
    const int depth = address_sanitizer ? 2000 : 5000;
    EXPECT_TRUE(repeat_until_stolen(scaled(100), [depth] {
        EXPECT_EQ(nest_in_first(depth), depth);
        EXPECT_EQ(nest_in_second(depth), depth);
    }));
}

/// The first callable runs until the second has begun elsewhere; `others` come after the two.
template <class... Others>
void expect_first_two_meet(const Others&... others) {
    for (int round = 0; round < 20; ++round) {
        std::atomic<bool> begun{false};
        bool met = false;
        twill::parallel_invoke([&] { met = eventually([&] { return begun.load(); }); },
                               [&] { begun = true; }, others...);
        ASSERT_TRUE(met) << "round " << round;
    }
}

// Somebody is idle, so the second callable must not wait for the first to end.
TEST(invoke, runs_both_at_the_same_time) {
    if (twill::worker_count() == 1) {
        GTEST_SKIP() << "one worker";
    }
    expect_first_two_meet();
}

// Whoever takes the upper half of the four is through with it at once, and the first two must not
// end up one after the other for that.
TEST(invoke, runs_the_long_ones_of_several_at_the_same_time) {
    if (twill::worker_count() == 1) {
        GTEST_SKIP() << "one worker";
    }
    expect_first_two_meet([] {}, [] {});
}

} // namespace
