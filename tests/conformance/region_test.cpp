// SPDX-License-Identifier: Apache-2.0
#include "../whitebox/support/printed.hpp"
#include "support.hpp"

#include <twill/region.hpp>
#include <twill/twill.hpp>

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using twill::load_window;
using twill::region;
using twill::region_load;
using twill_test::fib;

// Before the first verb.
const load_window before_first_verb = [] {
    {
        const region early{"early"};
        std::this_thread::sleep_for(milliseconds(2));
    }
    return twill::load().since_start;
}();

region_load told(const char* path) {
    const load_window all = twill::load().since_start;
    const region_load* const found = all.find_region(path);
    return found != nullptr ? *found : region_load{};
}

TEST(region, has_wall_time_alone_before_the_first_verb) {
    const region_load* const early = before_first_verb.find_region("early");
    ASSERT_NE(early, nullptr);
    EXPECT_EQ(early->count, 1u);
    EXPECT_GE(early->wall, milliseconds(2));
    EXPECT_EQ(early->in_verbs.count(), 0);
    EXPECT_EQ(early->all.open.count(), 0);
}

TEST(region, sums_up_what_all_workers_did) {
    fib(10);
    {
        const region one{"sums"};
        fib(24);
        std::this_thread::sleep_for(milliseconds(5));
    }
    const region_load sums = told("sums");
    EXPECT_EQ(sums.count, 1u);
    EXPECT_GE(sums.wall, milliseconds(5));
    EXPECT_GT(sums.in_verbs.count(), 0);
    EXPECT_LE(sums.in_verbs, sums.wall - milliseconds(4));
    EXPECT_GT(sums.all.useful.count(), 0);
    const double open = static_cast<double>(sums.all.open.count());
    const double whole = static_cast<double>(sums.wall.count()) * twill::worker_count();
    EXPECT_NEAR(open / whole, 1, 0.01);
    EXPECT_NEAR(static_cast<double>((sums.all.useful + sums.all.dispatch + sums.all.search +
                                     sums.all.parked + sums.all.preempted.value_or(nanoseconds{}))
                                        .count()),
                open, 10);
}

TEST(region, nests_into_paths) {
    for (int k = 0; k < 3; ++k) {
        const region outer{"outer"};
        for (int j = 0; j < 2; ++j) {
            const region inner{"inner"};
            const region innermost{"innermost"};
        }
        const region flat{"inner/innermost"};
    }
    EXPECT_EQ(told("outer").count, 3u);
    EXPECT_EQ(told("outer/inner").count, 6u);
    EXPECT_EQ(told("outer/inner/innermost").count, 9u);
    EXPECT_EQ(told("inner").count, 0u);
    EXPECT_GE(told("outer").wall, told("outer/inner").wall);
}

TEST(region, has_windows_of_its_own_in_the_difference_of_snapshots) {
    {
        const region one{"difference"};
    }
    const twill::load_snapshot before = twill::load();
    {
        const region one{"difference"};
        std::this_thread::sleep_for(milliseconds(1));
    }
    const load_window window = twill::load() - before;
    ASSERT_NE(window.find_region("difference"), nullptr);
    EXPECT_EQ(window.find_region("difference")->count, 1u);
    EXPECT_GE(window.find_region("difference")->wall, milliseconds(1));
    EXPECT_EQ(window.find_region("early"), nullptr);
}

TEST(region, nests_in_tasks_wherever_they_run) {
    ASSERT_TRUE(twill_test::repeat_until_stolen(3, [] {
        const region around{"around"};
        twill::parallel_for(0, 50, [](int) {
            const region within{"within"};
            twill_test::keep(twill_test::work(2000));
        });
    }));
    const std::uint64_t rounds = told("around").count;
    EXPECT_GE(rounds, 3u);
    EXPECT_EQ(told("around/within").count, 50 * rounds);
    EXPECT_EQ(told("within").count, 0u);
    EXPECT_EQ(told("around/within/within").count, 0u);
}

TEST(region, outlives_joins_that_run_other_tasks) {
    const auto walk = [](const auto& self, int n) -> int {
        const region one{n % 2 == 0 ? "even" : "odd"};
        if (n < 2) {
            return n;
        }
        const auto [a, b] = twill::parallel_invoke([&self, n] { return self(self, n - 1); },
                                                   [&self, n] { return self(self, n - 2); });
        return a + b;
    };
    EXPECT_EQ(walk(walk, 8), 21);
    std::uint64_t seen = 0;
    const load_window all = twill::load().since_start;
    for (const region_load& one : all.regions) {
        const std::string path = one.path;
        if (path.find("even") != std::string::npos || path.find("odd") != std::string::npos ||
            path == "(others)") {
            seen += one.count;
        }
    }
    EXPECT_EQ(seen, 2u * 34 - 1);
}

TEST(region, counts_windows_that_end_after_their_deadline) {
    using std::chrono::hours;
    using std::chrono::steady_clock;
    int calls = 0;
    nanoseconds by{};
    nanoseconds sum{};
    for (int k = 0; k < 3; ++k) {
        const auto due = steady_clock::now() - milliseconds(2);
        {
            const region one{"due", twill::deadline(due, [&](nanoseconds late) {
                                 ++calls;
                                 by = late;
                                 EXPECT_EQ(told("due").count, 2U * static_cast<unsigned>(calls) - 1)
                                     << "the window has ended";
                                 const region inside{"callback"};
                                 fib(5);
                             })};
        }
        EXPECT_EQ(calls, k + 1);
        EXPECT_GE(by, milliseconds(2));
        EXPECT_LE(by, steady_clock::now() - due);
        sum += by;
        const region in_time{"due",
                             twill::deadline(hours(1), [&calls](nanoseconds) { calls = 99; })};
    }
    EXPECT_EQ(told("callback").count, 3u) << "and is not around its callback";
    EXPECT_EQ(told("due").count, 6u);
    EXPECT_EQ(told("due").late, 3u);
    EXPECT_EQ(told("due").late_sum, sum);
    const twill::load_snapshot before = twill::load();
    {
        const region without_callback{"due", twill::deadline(nanoseconds(-1))};
        const region none{"none"};
    }
    const load_window window = twill::load() - before;
    ASSERT_NE(window.find_region("due"), nullptr);
    EXPECT_EQ(window.find_region("due")->late, 1u);
    EXPECT_GT(window.find_region("due")->late_sum.count(), 0);
    EXPECT_LT(window.find_region("due")->late_sum, sum);
    EXPECT_EQ(window.find_region("due/none")->late, 0u);
}

TEST(region, frees_the_callback_of_its_deadline_and_calls_it_where_an_exception_leaves) {
    const auto owned = std::make_shared<int>(0);
    const auto scope = [&owned](milliseconds due, bool fails) {
        const region one{"freed", twill::deadline(due, [owned](nanoseconds) { ++*owned; })};
        EXPECT_EQ(owned.use_count(), 2);
        if (fails) {
            throw std::runtime_error("on purpose");
        }
    };
    scope(milliseconds(3'600'000), false);
    scope(milliseconds(-1), false);
    EXPECT_THROW(scope(milliseconds(-1), true), std::runtime_error);
    EXPECT_EQ(*owned, 2);
    EXPECT_EQ(owned.use_count(), 1);
}

TEST(region, may_be_used_by_many_threads) {
    twill_test::on_threads(4, [](int) {
        for (int k = 0; k < 100; ++k) {
            const region one{"threads"};
            const region two{"own"};
            if (k % 25 == 0) {
                fib(8);
            }
        }
    });
    EXPECT_EQ(told("threads").count, 400u);
    EXPECT_EQ(told("threads/own").count, 400u);
}

TEST(region, is_printed) {
    {
        const region one{"to be printed"};
        const region two{"late", twill::deadline(milliseconds(-2))};
    }
    const load_window all = twill::load().since_start;
    const region_load* const late = all.find_region("to be printed/late");
    ASSERT_NE(late, nullptr);
    EXPECT_GE(late->late_sum, milliseconds(2));
    const std::string printed = twill::testing_support::printed(all);
    EXPECT_NE(printed.find("\nto be printed "), std::string::npos) << printed;
    const std::size_t row = printed.find("\nto be printed/late ");
    ASSERT_NE(row, std::string::npos) << printed;
    const std::string line = printed.substr(row + 1, printed.find('\n', row + 1) - row - 1);
    const std::string before = "  1 late, by ";
    const std::size_t told = line.find(before);
    ASSERT_NE(told, std::string::npos) << line;
    std::size_t digits = 0;
    EXPECT_NEAR(std::stod(line.substr(told + before.size()), &digits),
                std::chrono::duration<double>(late->late_sum).count(), 1e-6);
    EXPECT_EQ(line.substr(told + before.size() + digits), " s in all");
}

} // namespace
