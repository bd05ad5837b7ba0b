// SPDX-License-Identifier: Apache-2.0
// The loops: every element once, whatever the type of the ends; blocks, grain and bodies.
#include "support.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <mutex>
#include <set>
#include <type_traits>
#include <vector>

namespace {

using namespace twill_test;

template <class Integer>
class for_integers : public testing::Test {};
using integer_types =
    testing::Types<signed char, unsigned char, char, short, unsigned short, int, unsigned, long,
                   unsigned long, long long, unsigned long long, char16_t, char32_t, wchar_t>;

struct integer_names {
    template <class Integer>
    static std::string GetName(int index) {
        return (std::is_signed_v<Integer> ? "signed_" : "unsigned_") +
               std::to_string(sizeof(Integer) * 8) + "_" + std::to_string(index);
    }
};
TYPED_TEST_SUITE(for_integers, integer_types, integer_names);

/// Runs [first, last) and checks that each integer came once and no other.
template <class First, class Last>
void check_each_once(First first, Last last) {
    using Integer = std::common_type_t<First, Last>;
    const auto low = static_cast<Integer>(first);
    const auto high = static_cast<Integer>(last);
    const auto count = low < high ? static_cast<std::size_t>(static_cast<std::uint64_t>(high) -
                                                             static_cast<std::uint64_t>(low))
                                  : 0;
    std::vector<std::atomic<int>> calls(count);
    std::atomic<int> strangers{0};
    twill::parallel_for(first, last, [&](auto i) {
        static_assert(std::is_same_v<decltype(i), Integer>);
        const std::uint64_t at = static_cast<std::uint64_t>(i) - static_cast<std::uint64_t>(low);
        if (at < count) {
            ++calls[at];
        } else {
            ++strangers;
        }
    });
    EXPECT_EQ(strangers, 0);
    EXPECT_TRUE(std::all_of(calls.begin(), calls.end(), [](const auto& n) { return n == 1; }));
}

TYPED_TEST(for_integers, runs_each_once) {
    using limits = std::numeric_limits<TypeParam>;
    const auto low = limits::lowest();
    const auto high = limits::max();
    check_each_once<TypeParam, TypeParam>(0, 1);
    check_each_once<TypeParam, TypeParam>(0, 100);
    check_each_once<TypeParam, TypeParam>(low, static_cast<TypeParam>(low + 120));
    check_each_once<TypeParam, TypeParam>(static_cast<TypeParam>(high - 120), high);
    if constexpr (std::is_signed_v<TypeParam>) {
        check_each_once<TypeParam, TypeParam>(static_cast<TypeParam>(-60), 60);
    }
    if constexpr (sizeof(TypeParam) <= 2) {
        check_each_once<TypeParam, TypeParam>(low, high);
    }
}

TYPED_TEST(for_integers, does_nothing_for_an_empty_or_reversed_range) {
    using limits = std::numeric_limits<TypeParam>;
    int calls = 0;
    const auto count = [&](TypeParam /*i*/) { ++calls; };
    const auto count_block = [&](TypeParam /*begin*/, TypeParam /*end*/) { ++calls; };
    twill::parallel_for(TypeParam{5}, TypeParam{5}, count);
    twill::parallel_for(TypeParam{5}, TypeParam{4}, count);
    twill::parallel_for(limits::max(), limits::lowest(), count);
    twill::parallel_for_blocks(TypeParam{5}, TypeParam{5}, count_block);
    twill::parallel_for_blocks(limits::max(), limits::lowest(), count_block);
    EXPECT_EQ(calls, 0);
}

// The whole of a type by blocks, up to 2^64 - 1 elements: consecutive, none twice, none missing.
TYPED_TEST(for_integers, covers_a_whole_type_with_blocks) {
    using limits = std::numeric_limits<TypeParam>;
    std::mutex lock;
    std::vector<std::pair<TypeParam, TypeParam>> blocks;
    twill::parallel_for_blocks(limits::lowest(), limits::max(), [&](auto begin, auto end) {
        static_assert(std::is_same_v<decltype(begin), TypeParam>);
        static_assert(std::is_same_v<decltype(end), TypeParam>);
        const std::lock_guard guard(lock);
        blocks.emplace_back(begin, end);
    });
    std::sort(blocks.begin(), blocks.end());
    ASSERT_FALSE(blocks.empty());
    EXPECT_EQ(blocks.front().first, limits::lowest());
    EXPECT_EQ(blocks.back().second, limits::max());
    for (std::size_t k = 0; k < blocks.size(); ++k) {
        ASSERT_LT(blocks[k].first, blocks[k].second);
        ASSERT_TRUE(k == 0 || blocks[k - 1].second == blocks[k].first);
    }
}

TEST(for_mixed_integers, take_the_common_type) {
    check_each_once(0, std::size_t{1000});
    check_each_once(std::uint8_t{0}, 256);
    check_each_once(std::int8_t{-128}, 128);
    check_each_once(-1000, 1000L);
    check_each_once(std::uint16_t{65'000}, 66'000);
    check_each_once(7U, 500LL);
}

TEST(for_loops, run_each_of_many_elements_once) {
    EXPECT_TRUE(repeat_until_stolen(3, [] { check_each_once(0, scaled(1'000'000)); }));
    for (const int count : {1, 2, 3, 63, 64, 65, 66, 127, 128, 129, 1000}) {
        check_each_once(0, count);
    }
}

// More elements than 32 bits tell; the sum is taken by blocks so that the test ends.
TEST(for_loops, run_more_elements_than_32_bits_tell) {
    const std::uint64_t count = (std::uint64_t{1} << 33) + 5;
    std::atomic<std::uint64_t> covered{0};
    std::atomic<std::uint64_t> ends{0};
    twill::parallel_for_blocks(std::uint64_t{0}, count, [&](std::uint64_t begin, auto end) {
        covered += end - begin;
        ends ^= begin ^ end;
    });
    EXPECT_EQ(covered, count);
    EXPECT_EQ(ends, count);
}

// An element loop over a huge range that ends early, and its first elements.
TEST(for_loops, begin_a_huge_range_at_its_beginning) {
    std::stop_source source;
    std::atomic<std::uint64_t> first{~std::uint64_t{0}};
    const auto ended = twill::parallel_for(
        std::int64_t{-5}, std::numeric_limits<std::int64_t>::max(),
        [&](std::int64_t i) {
            if (i == -5) {
                first = 1;
            }
            source.request_stop();
        },
        source.get_token());
    EXPECT_EQ(ended, twill::outcome::stopped);
    EXPECT_EQ(first, 1U);
}

TEST(for_blocks, honour_the_grain) {
    for (const int grain : {1, 2, 7, 100, 1000, 5000}) {
        std::mutex lock;
        std::vector<std::pair<int, int>> blocks;
        twill::parallel_for_blocks(
            10, 3333,
            [&](int begin, int end) {
                keep(work(end - begin));
                const std::lock_guard guard(lock);
                blocks.emplace_back(begin, end);
            },
            twill::grain(grain));
        std::sort(blocks.begin(), blocks.end());
        EXPECT_EQ(blocks.front().first, 10);
        EXPECT_EQ(blocks.back().second, 3333);
        // The last block of a piece may be the short rest of it, so only the last of the loop has
        // leave to be shorter.
        for (std::size_t k = 0; k < blocks.size(); ++k) {
            EXPECT_TRUE(k == 0 || blocks[k - 1].second == blocks[k].first);
            if (k + 1 < blocks.size()) {
                EXPECT_GE(blocks[k].second - blocks[k].first, grain) << "block " << k;
            }
        }
    }
}

// Work in each block, and somebody who takes half of the loop again and again.
TEST(for_blocks, honour_the_grain_when_they_are_stolen) {
    constexpr int grain = 37;
    EXPECT_TRUE(repeat_until_stolen(scaled(50), [] {
        std::mutex lock;
        std::vector<std::pair<int, int>> blocks;
        twill::parallel_for_blocks(
            0, 20'000,
            [&](int begin, int end) {
                keep(work(200 * (end - begin)));
                const std::lock_guard guard(lock);
                blocks.emplace_back(begin, end);
            },
            twill::grain(grain));
        std::sort(blocks.begin(), blocks.end());
        int expected = 0;
        for (const auto& [begin, end] : blocks) {
            ASSERT_EQ(begin, expected);
            ASSERT_TRUE(end - begin >= grain || end == 20'000) << begin << " to " << end;
            expected = end;
        }
        ASSERT_EQ(expected, 20'000);
    }));
}

TEST(for_blocks, take_a_grain_of_any_integer) {
    const auto blocks_of = [](twill::grain grain) {
        std::atomic<int> blocks{0};
        twill::parallel_for_blocks(0, 100, [&](int, int) { ++blocks; }, grain);
        return blocks.load();
    };
    EXPECT_EQ(blocks_of(twill::grain(100)), 1);
    EXPECT_EQ(blocks_of(twill::grain(std::numeric_limits<std::size_t>::max())), 1);
    EXPECT_EQ(blocks_of(twill::grain(std::numeric_limits<std::int64_t>::max())), 1);
    EXPECT_GE(blocks_of(twill::grain(0)), 1);
    EXPECT_GE(blocks_of(twill::grain(-5)), 1);
    EXPECT_EQ(twill::grain(-5).elements(), 1U);
    EXPECT_EQ(twill::grain(std::uint8_t{200}).elements(), 200U);
}

// The halves of 64-element loops, which split between any two elements.
TEST(for_loops, split_short_loops_of_long_bodies) {
    EXPECT_TRUE(repeat_until_stolen(scaled(100), [] {
        std::vector<std::atomic<int>> calls(64);
        twill::parallel_for(0, 64, [&](int i) {
            keep(work(3000));
            ++calls[static_cast<std::size_t>(i)];
        });
        ASSERT_TRUE(std::all_of(calls.begin(), calls.end(), [](const auto& n) { return n == 1; }));
    }));
}

TEST(for_loops, nest) {
    std::vector<std::atomic<int>> cells(60 * 70);
    EXPECT_TRUE(repeat_until_stolen(scaled(20), [&] {
        for (auto& cell : cells) {
            cell = 0;
        }
        twill::parallel_for(0, 60, [&](int row) {
            twill::parallel_for(0, 70, [&](int column) {
                keep(work(100));
                ++cells[static_cast<std::size_t>(row * 70 + column)];
            });
        });
        ASSERT_TRUE(std::all_of(cells.begin(), cells.end(), [](const auto& n) { return n == 1; }));
    }));
}

/// A body that can be neither copied nor moved and is not const-callable.
struct pinned_body {
    std::atomic<int> calls{0};
    pinned_body() = default;
    pinned_body(const pinned_body&) = delete;
    pinned_body& operator=(const pinned_body&) = delete;
    void operator()(int /*i*/) { ++calls; }
    void operator()(int begin, int end) { calls += end - begin; }
};

struct constant_pinned_body {
    constant_pinned_body() = default;
    constant_pinned_body(const constant_pinned_body&) = delete;
    constant_pinned_body& operator=(const constant_pinned_body&) = delete;
    void operator()(int i) const { keep(static_cast<std::uint64_t>(i)); }
};

std::atomic<int> function_calls{0};
void function_body(int /*i*/) { ++function_calls; }

TEST(for_loops, refer_to_bodies_that_cannot_be_copied) {
    pinned_body body;
    twill::parallel_for(0, 1000, body);
    EXPECT_EQ(body.calls, 1000);
    twill::parallel_for_blocks(0, 1000, body);
    EXPECT_EQ(body.calls, 2000);
    const std::vector<int> elements(500);
    twill::parallel_for_each(elements, body);
    EXPECT_EQ(body.calls, 2500);
    const constant_pinned_body constant;
    twill::parallel_for(0, 1000, constant);
    twill::parallel_for(0, 1000, function_body);
    twill::parallel_for(0, 1000, &function_body);
    EXPECT_EQ(function_calls, 2000);
    // Move-only, with a result that nobody wants.
    twill::parallel_for(0, 10, [held = std::make_unique<int>(1)](int i) { return i + *held; });
}

TEST(for_loops, run_on_workers) {
    EXPECT_EQ(twill::this_worker(), -1);
    std::atomic<int> strangers{0};
    twill::parallel_for(0, 10'000, [&](int /*i*/) {
        const int worker = twill::this_worker();
        strangers += worker < 0 || worker >= twill::worker_count() ? 1 : 0;
    });
    EXPECT_EQ(strangers, 0);
    EXPECT_EQ(twill::this_worker(), -1);
}

} // namespace
