// SPDX-License-Identifier: Apache-2.0
// The loops over iterators and ranges: the ordinary ones and those whose elements are proxies.
#include "support.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <list>
#include <numeric>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace twill_test;

/// Adds one to each element of [first, last) and checks that each got it once.
template <class Container>
void check_increments(Container& container) {
    std::vector<int> before(container.begin(), container.end());
    twill::parallel_for(container.begin(), container.end(), [](int& element) { ++element; });
    twill::parallel_for_each(container, [](auto& element) {
        static_assert(std::is_same_v<decltype(element), int&>);
        ++element;
    });
    twill::parallel_for_blocks(container.begin(), container.end(), [](auto begin, auto end) {
        for (; begin != end; ++begin) {
            ++*begin;
        }
    });
    EXPECT_TRUE(std::equal(before.begin(), before.end(), container.begin(), container.end(),
                           [](int old, int now) { return now == old + 3; }));
}

TEST(ranges, of_containers) {
    std::vector<int> vector(10'001);
    std::iota(vector.begin(), vector.end(), 0);
    check_increments(vector);
    std::deque<int> deque(vector.begin(), vector.end());
    check_increments(deque);
    std::array<int, 100> array{};
    check_increments(array);
    const std::span<int> span(vector);
    check_increments(span);
    std::vector<int> empty;
    check_increments(empty);
}

TEST(ranges, of_pointers_and_arrays) {
    int numbers[1000] = {};
    twill::parallel_for(numbers, numbers + 1000, [](int& n) { n += 1; });
    twill::parallel_for(std::begin(numbers), std::cend(numbers), [](int& n) { n += 1; });
    twill::parallel_for_each(numbers, [](int& n) { n += 1; });
    const int* const constant = numbers;
    std::atomic<int> sum{0};
    twill::parallel_for(constant, constant + 1000, [&](const int& n) { sum += n; });
    EXPECT_EQ(sum, 3000);
    // Reversed: nothing.
    twill::parallel_for(numbers + 1000, numbers, [&](int&) { ++sum; });
    EXPECT_EQ(sum, 3000);
}

TEST(ranges, in_reverse_and_through_const) {
    std::vector<int> values(1000);
    std::iota(values.begin(), values.end(), 0);
    std::atomic<long> sum{0};
    twill::parallel_for(values.rbegin(), values.rend(), [&](int& v) { sum += v; });
    twill::parallel_for(values.crbegin(), values.crend(), [&](const int& v) { sum += v; });
    twill::parallel_for_each(std::as_const(values), [&](const int& v) { sum += v; });
    twill::parallel_for_each(values | std::views::reverse, [&](int& v) { sum += v; });
    EXPECT_EQ(sum, 4 * 499'500);
    const long reduced = twill::parallel_reduce(
        values.begin(), values.cend(), 0L, [](int v) { return v; }, std::plus<long>());
    EXPECT_EQ(reduced, 499'500);
}

TEST(ranges, of_proxies) {
    std::vector<bool> bits(10'000);
    for (std::size_t k = 0; k < bits.size(); k += 3) {
        bits[k] = true;
    }
    std::atomic<int> set{0};
    twill::parallel_for(bits.begin(), bits.end(), [&](bool bit) { set += bit ? 1 : 0; });
    twill::parallel_for_each(bits, [&](auto bit) {
        static_assert(std::is_same_v<decltype(bit), std::vector<bool>::reference>);
        set += bit ? 1 : 0;
    });
    EXPECT_EQ(set, 2 * 3334);
    // Writes through proxies: bits of one word belong to one block.
    twill::parallel_for_blocks(0, 156, [&](int begin, int end) {
        for (int k = begin * 64; k < end * 64; ++k) {
            bits[static_cast<std::size_t>(k)] = false;
        }
    });
    EXPECT_EQ(std::count(bits.begin(), bits.begin() + 156 * 64, true), 0);
}

TEST(ranges, of_views) {
    std::atomic<long> sum{0};
    twill::parallel_for_each(std::views::iota(0, 1000), [&](int i) { sum += i; });
    EXPECT_EQ(sum, 499'500);
    const auto squares =
        std::views::iota(0, 100) | std::views::transform([](int i) { return i * i; });
    twill::parallel_for_each(squares, [&](int square) { sum += square; });
    EXPECT_EQ(sum, 499'500 + 328'350);
    twill::parallel_for(squares.begin(), squares.end(), [&](int square) { sum -= square; });
    EXPECT_EQ(sum, 499'500);
    twill::parallel_for_each(std::views::iota(std::size_t{0}, std::size_t{1000}),
                             [&](std::size_t i) { sum -= static_cast<long>(i); });
    EXPECT_EQ(sum, 0);
    std::vector<int> values(1000, 1);
    twill::parallel_for_each(values | std::views::drop(10) | std::views::take(100),
                             [](int& v) { v = 5; });
    EXPECT_EQ(std::accumulate(values.begin(), values.end(), 0), 1000 + 400);
    twill::parallel_for_each(std::ranges::subrange(values.begin(), values.begin() + 10),
                             [](int& v) { v = 0; });
    EXPECT_EQ(std::accumulate(values.begin(), values.end(), 0), 990 + 400);
    EXPECT_EQ(twill::parallel_reduce(
                  squares.begin(), squares.end(), 0, [](int s) { return s; }, std::plus<>()),
              328'350);
}

TEST(ranges, of_temporaries) {
    std::atomic<int> sum{0};
    const auto make = [] { return std::vector<int>(1000, 2); };
    twill::parallel_for_each(make(), [&](const int& v) { sum += v; });
    EXPECT_EQ(sum, 2000);
    twill::parallel_for_each(std::string(500, 'x'), [&](char c) { sum += c == 'x' ? 1 : 0; });
    twill::parallel_for_each(std::string_view("xyz"), [&](char c) { sum += c == 'x' ? 1 : 0; });
    EXPECT_EQ(sum, 2501);
}

// Elements that cannot be copied are passed as they are.
TEST(ranges, of_elements_that_cannot_be_copied) {
    std::vector<std::unique_ptr<int>> owners(100);
    twill::parallel_for_each(owners,
                             [](std::unique_ptr<int>& one) { one = std::make_unique<int>(3); });
    const int sum = twill::parallel_reduce(
        owners.begin(), owners.end(), 0, [](const std::unique_ptr<int>& one) { return *one; },
        std::plus<>());
    EXPECT_EQ(sum, 300);
}

// A sequence of 2^40 elements that takes no memory.
TEST(ranges, of_more_elements_than_32_bits_tell) {
    const auto all = std::views::iota(std::int64_t{0}, std::int64_t{1} << 40);
    std::atomic<std::int64_t> covered{0};
    twill::parallel_for_blocks(all.begin(), all.end(), [&](auto begin, auto end) {
        covered += static_cast<std::int64_t>(end - begin);
    });
    EXPECT_EQ(covered, std::int64_t{1} << 40);
}

} // namespace
