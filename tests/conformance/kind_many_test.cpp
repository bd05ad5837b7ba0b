// SPDX-License-Identifier: Apache-2.0
#include "kind_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

namespace {

using twill::kind;
using twill::kind_load;
using twill::load_window;
using namespace twill_test; // NOLINT(google-build-using-namespace)

int kinded_fib(int n, kind of) {
    if (n < 2) {
        return n;
    }
    const auto [a, b] = twill::parallel_invoke([n, of] { return kinded_fib(n - 1, of); },
                                               [n, of] { return kinded_fib(n - 2, of); }, of);
    return a + b;
}

TEST(kind, counts_every_call_of_a_recursion) {
    const kind of{"recursion"};
    for (int round = 0; round < 5; ++round) {
        const watched all(of);
        EXPECT_EQ(kinded_fib(18, of), 2584);
        EXPECT_EQ(all.count(), 2u * (4181 - 1));
        const load_window window = all.window();
        expect_closed(window);
        EXPECT_GE(window.find_kind(of.name())->longest,
                  window.find_kind(of.name())->percentile(0.5) * 15 / 16);
    }
}

TEST(kind, counts_in_deep_lists_of_forks) {
    const kind odd{"odd"};
    const kind even{"even"};
    const watched odds(odd);
    const watched evens(even);
    std::atomic<std::uint64_t> leaves{0};
    const auto down = [&](const auto& self, int depth) -> void {
        if (depth > 0) {
            twill::parallel_invoke([&] { self(self, depth - 1); }, [&] { ++leaves; },
                                   depth % 2 == 0 ? even : odd);
        }
    };
    twill_test::repeat_until_stolen(3, [&] { down(down, 600); });
    EXPECT_EQ(odds.count(), leaves.load());
    EXPECT_EQ(evens.count(), leaves.load());
    expect_closed(odds.window());
}

TEST(kind, counts_under_load_from_many_threads) {
    const kind of{"many threads"};
    const watched all(of);
    std::atomic<bool> done{false};
    std::thread reader([&] {
        while (!done) {
            expect_closed(twill::load().since_start);
        }
    });
    twill_test::on_threads(4, [&of](int) {
        for (int k = 0; k < twill_test::scaled(20); ++k) {
            kinded_fib(12, of);
            twill::parallel_for(0, 50, [](int) { twill_test::keep(twill_test::work(200)); }, of);
        }
    });
    done = true;
    reader.join();
    const auto rounds = static_cast<std::uint64_t>(4 * twill_test::scaled(20));
    EXPECT_EQ(all.count(), rounds * (2 * (233 - 1) + 50));
}

// The last one: it uses up the kinds of the process.
TEST(kinds, beyond_254_are_the_others) {
    testing::internal::CaptureStderr();
    std::vector<kind> all;
    for (int k = 0; k < 300; ++k) {
        all.emplace_back(("kind " + std::to_string(k)).c_str());
    }
    const std::string told = testing::internal::GetCapturedStderr();
    EXPECT_EQ(std::count(told.begin(), told.end(), '\n'), 1) << told;
    EXPECT_NE(told.find("there are 254 kinds"), std::string::npos) << told;
    EXPECT_STREQ(all.front().name(), "kind 0");
    EXPECT_STREQ(all.back().name(), "(others)");
    EXPECT_EQ(all.back().number(), 255u);
    const watched others(all.back());
    const watched first(all.front());
    for (const kind of : all) {
        twill::parallel_invoke([] {}, of);
    }
    EXPECT_EQ(first.count(), 1u);
    EXPECT_GE(others.count(), 46u);
    expect_closed(others.window());
}

} // namespace
