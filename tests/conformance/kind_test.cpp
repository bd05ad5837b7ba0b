// SPDX-License-Identifier: Apache-2.0
#include "../whitebox/support/printed.hpp"
#include "kind_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using twill::kind;
using twill::kind_load;
using twill::load_window;
using namespace twill_test; // NOLINT(google-build-using-namespace)

const kind before_main{"made before main()"};

TEST(kind, of_the_same_name_is_the_same) {
    std::string name = "one name";
    const kind first{name.c_str()};
    name[0] = 'O';
    const kind second{"one name"};
    EXPECT_EQ(first, second);
    EXPECT_STREQ(second.name(), "one name");
    EXPECT_NE(first, kind{"another name"});
    EXPECT_EQ(kind{nullptr}.number(), 0u);
    EXPECT_STREQ(kind{nullptr}.name(), "(unnamed)");
    EXPECT_STREQ(before_main.name(), "made before main()");
}

TEST(kind, counts_each_callable_of_invoke) {
    const kind of{"invoked"};
    const watched all(of);
    const auto [a, b] = twill::parallel_invoke([] { return 1; }, [] { return 2; }, of);
    EXPECT_EQ(a + b, 3);
    EXPECT_EQ(all.count(), 2u);
    int sum = 0;
    twill::parallel_invoke([&] { sum += 1; }, of);
    EXPECT_EQ(sum, 1);
    EXPECT_EQ(all.count(), 3u);
    std::atomic<int> ran{0};
    const auto add = [&ran] { ++ran; };
    twill::parallel_invoke(add, add, add, of, twill::at_most(2));
    EXPECT_EQ(all.count(), 6u);
    const auto got = twill::parallel_invoke([] { return std::make_unique<int>(4); },
                                            [] { return 5; }, [] {}, of);
    EXPECT_EQ(*std::get<0>(got), 4);
    EXPECT_EQ(all.count(), 9u);
}

TEST(kind, counts_the_elements_of_a_short_loop) {
    const kind of{"short loop"};
    const watched all(of);
    twill::parallel_for(0, 64, [](int) {}, of);
    EXPECT_EQ(all.count(), 64u);
    std::vector<int> values(40, 1);
    twill::parallel_for_each(values, [](int& one) { ++one; }, of);
    EXPECT_EQ(all.count(), 104u);
    const int sum = twill::parallel_reduce(
        0, 10, 0, [](int k) { return k; }, [](int x, int y) { return x + y; }, of);
    EXPECT_EQ(sum, 45);
    EXPECT_EQ(all.count(), 114u);
    twill::parallel_for(0, 20, [](int) {}, of, twill::at_most(2));
    EXPECT_EQ(all.count(), 134u);
}

TEST(kind, counts_the_blocks_of_a_long_loop) {
    const kind of{"blocks"};
    const watched all(of);
    std::atomic<std::uint64_t> blocks{0};
    std::atomic<int> elements{0};
    twill::parallel_for_blocks(
        0, 100'000,
        [&](int begin, int end) {
            ++blocks;
            elements += end - begin;
        },
        of);
    EXPECT_EQ(elements, 100'000);
    EXPECT_EQ(all.count(), blocks.load());
    const std::uint64_t before = all.count();
    twill::parallel_for(0, 100'000, [&](int) { ++elements; }, twill::grain(1000), of);
    EXPECT_GE(all.count() - before, 2u);
    EXPECT_LE(all.count() - before, 100u);
}

TEST(kind, counts_the_tasks_of_groups) {
    const kind of{"grouped"};
    const watched all(of);
    std::atomic<int> ran{0};
    twill::task_group group;
    twill::task_group few{twill::limit(2)};
    for (int k = 0; k < 100; ++k) {
        group.run([&ran] { ++ran; }, of);
        few.run([&ran, owner = std::make_unique<int>(k)] { ran += *owner >= 0 ? 1 : 0; }, of);
        group.run([&ran] { ++ran; });
    }
    group.wait();
    few.wait();
    EXPECT_EQ(ran, 300);
    EXPECT_EQ(all.count(), 200u);
}

TEST(kind, counts_what_a_runtime_is_given) {
    const kind of{"of a runtime"};
    twill::runtime rt{{.workers = 2}};
    const watched here(of);
    EXPECT_EQ(rt.run([] { return 7; }, of), 7);
    int value = 1;
    rt.run([&value]() -> int& { return value; }, of) = 3;
    EXPECT_EQ(value, 3);
    twill::future<int> later = rt.submit([] { return 5; }, of);
    EXPECT_EQ(later.get(), 5);
    rt.submit([kept = std::make_unique<int>(1)]() mutable { kept.reset(); }, of).get();
    const load_window window = rt.load().since_start;
    ASSERT_NE(window.find_kind(of.name()), nullptr);
    EXPECT_EQ(window.find_kind(of.name())->count, 4u);
    EXPECT_EQ(window.find_kind(of.name())->errors, 0u);
    EXPECT_EQ(here.count(), 0u) << "the default runtime had none";
    expect_closed(window);
}

TEST(kind, counts_what_ends_by_an_exception) {
    const kind of{"throws"};
    const watched all(of);
    EXPECT_THROW(twill::parallel_for(
                     0, 1, [](int) { throw std::runtime_error("x"); }, of),
                 std::runtime_error);
    EXPECT_THROW(twill::parallel_invoke([] { throw std::runtime_error("x"); }, of),
                 std::runtime_error);
    twill::task_group group;
    group.run([] { throw std::runtime_error("x"); }, of);
    EXPECT_THROW(group.wait(), std::runtime_error);
    group.run([] {}, of);
    group.wait();
    EXPECT_EQ(all.load().errors, 3u);
    EXPECT_EQ(all.count(), 4u);
}

TEST(kind, nests_and_each_time_is_the_innermost_ones) {
    const kind outer{"outer"};
    const kind inner{"inner"};
    // What a hypervisor takes is in no clock of this machine: the best of some attempts.
    double worst = 1;
    for (int attempt = 0; attempt < 20 && worst > 0.03; ++attempt) {
        const watched all(outer);
        const watched within(inner);
        nanoseconds in_outer{};
        nanoseconds in_inner{};
        const auto task = [&] {
            in_outer += spin(milliseconds(4));
            twill::parallel_invoke([&] { in_inner += spin(milliseconds(8)); }, inner);
            in_outer += spin(milliseconds(2));
        };
        twill::parallel_invoke(task, outer);
        const auto off = [](nanoseconds told, nanoseconds is) {
            return std::abs(static_cast<double>((told - is).count())) /
                   static_cast<double>(is.count());
        };
        const kind_load first = all.load();
        const kind_load second = within.load();
        EXPECT_EQ(first.count, 1u);
        EXPECT_EQ(second.count, 1u);
        worst = std::max(off(first.total, in_outer), off(second.total, in_inner));
        worst = std::max(worst, off(first.percentile(0.5), first.total) > 1.0 / 16 ? 1.0 : 0.0);
        expect_closed(all.window());
    }
    EXPECT_LT(worst, 0.03);
}

TEST(kind, is_told_while_its_task_runs) {
    const kind of{"runs on"};
    const watched all(of);
    bool seen = false;
    for (int attempt = 0; attempt < 20 && !seen; ++attempt) {
        twill::parallel_invoke(
            [&] {
                const nanoseconds before = all.load().total;
                const nanoseconds spun = spin(milliseconds(5));
                seen = all.load().total - before > spun / 2;
            },
            of);
    }
    EXPECT_TRUE(seen);
}

TEST(kind, goes_with_what_a_thief_takes) {
    if (twill::worker_count() == 1) {
        GTEST_SKIP() << "nobody steals";
    }
    const kind of{"shared out"};
    const watched all(of);
    std::atomic<long> spun{0};
    twill_test::until_moved(3, [&] {
        const std::uint64_t before = twill_test::moved_jobs();
        twill::parallel_invoke(
            [&] {
                const auto half = [&] { spun += spin(milliseconds(3)).count(); };
                twill::parallel_invoke(half, half);
            },
            of);
        return static_cast<long>(twill_test::moved_jobs() - before);
    });
    const load_window window = all.window();
    const kind_load* const told = window.find_kind(of.name());
    ASSERT_NE(told, nullptr);
    const nanoseconds lost = window.total().preempted.value_or(nanoseconds{}) + window.total().over;
    EXPECT_GE(told->total + lost, nanoseconds(spun.load()) * 9 / 10);
    EXPECT_LE(told->total, nanoseconds(spun.load()) * 11 / 10 + milliseconds(1));
    expect_closed(window);
}

TEST(kind, has_no_time_of_waits_and_of_other_tasks_run_in_them) {
    const kind of{"waits"};
    const kind other{"run in a wait"};
    bool seen = false;
    // Run delay is told late at times: one attempt must be without any.
    for (int attempt = 0; attempt < 20 && !seen; ++attempt) {
        const watched all(of);
        const watched within(other);
        std::atomic<long> run{0};
        twill::parallel_invoke(
            [&] {
                twill::task_group group;
                group.run([&run] { run += spin(milliseconds(3)).count(); });
                group.run([&run] { run += spin(milliseconds(3)).count(); }, other);
                group.wait();
            },
            of);
        EXPECT_EQ(within.count(), 1u);
        EXPECT_GT(run.load(), 0);
        expect_closed(all.window());
        seen = all.load().total < milliseconds(2);
    }
    EXPECT_TRUE(seen);
}

TEST(kind, goes_on_after_a_blocking_section) {
    const kind of{"blocks"};
    bool seen = false;
    for (int attempt = 0; attempt < 20 && !seen; ++attempt) {
        const watched all(of);
        nanoseconds after{};
        twill::parallel_invoke(
            [&] {
                twill::blocking([] { std::this_thread::sleep_for(milliseconds(10)); });
                after = spin(milliseconds(5));
            },
            of);
        const load_window window = all.window();
        const nanoseconds total = window.find_kind(of.name())->total + window.total().over;
        seen = total > after * 8 / 10 && total < after * 12 / 10;
        expect_closed(window);
    }
    EXPECT_TRUE(seen);
}

TEST(kind, knows_how_long_its_tasks_slept) {
    const kind sleeps{"sleeps on its worker"};
    const kind works{"works beside it"};
    const kind away{"sleeps in a section"};
    const watched asleep(sleeps);
    const watched awake(works);
    const watched left(away);
    std::atomic<long> spun{0};
    std::atomic<long> took{0};
    twill::task_group group;
    for (int k = 0; k < 4; ++k) {
        group.run(
            [&took] {
                const auto before = std::chrono::steady_clock::now();
                std::this_thread::sleep_for(milliseconds(5));
                took += nanoseconds(std::chrono::steady_clock::now() - before).count();
            },
            sleeps);
        group.run([&spun] { spun += spin(milliseconds(2)).count(); }, works);
        group.run([] { twill::blocking([] { std::this_thread::sleep_for(milliseconds(5)); }); },
                  away);
    }
    group.wait();
    // Each sleep lacks 125 us on a quiet machine, and more where the system takes the core
    // meanwhile.
    EXPECT_GE(asleep.load().asleep, milliseconds(4 * 2));
    EXPECT_LE(asleep.load().asleep, nanoseconds(took.load()) + milliseconds(2));
    EXPECT_LT(awake.load().asleep, milliseconds(4)) << "of " << spun.load() << " ns";
    EXPECT_LT(left.load().asleep, milliseconds(10));
}

TEST(kind, is_printed) {
    const kind of{"to be printed"};
    twill::parallel_invoke([] {}, of);
    const std::string printed = twill::testing_support::printed(twill::load().since_start);
    EXPECT_NE(printed.find("\nto be printed "), std::string::npos) << printed;
    EXPECT_NE(printed.find("\n(unnamed) "), std::string::npos) << printed;
}

} // namespace
