// SPDX-License-Identifier: Apache-2.0
// numa_vector as an array: whatever machine this is, and whatever workers.
#include "support.hpp"

#include <twill/numa_vector.hpp>

#include <algorithm>
#include <concepts>
#include <iterator>
#include <memory>
#include <memory_resource>
#include <numeric>
#include <ranges>
#include <scoped_allocator>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using twill::numa_allocator;
using twill::numa_layout;
using twill::numa_options;
using twill::numa_vector;

static_assert(std::contiguous_iterator<numa_vector<int>::iterator>);
static_assert(std::contiguous_iterator<numa_vector<int>::const_iterator>);
static_assert(std::ranges::contiguous_range<numa_vector<int>>);
static_assert(std::ranges::sized_range<const numa_vector<int>>);
static_assert(std::convertible_to<numa_vector<int>::iterator, numa_vector<int>::const_iterator>);
static_assert(!std::convertible_to<numa_vector<int>::const_iterator, numa_vector<int>::iterator>);
static_assert(!std::copyable<numa_vector<int>> && std::movable<numa_vector<int>>);

std::vector<numa_options> all_options() {
    std::vector<numa_options> all;
    for (const numa_layout layout : {numa_layout::blocked, numa_layout::interleaved,
                                     numa_layout::on_node, numa_layout::first_touch}) {
        all.push_back({layout, 0, false});
        all.push_back({layout, 0, true});
    }
    return all;
}

TEST(numa_vector, holds_its_elements_in_every_layout) {
    for (const numa_options& how : all_options()) {
        numa_vector<int> x(100'000, 7, how);
        EXPECT_EQ(x.size(), 100'000u);
        EXPECT_TRUE(std::all_of(x.begin(), x.end(), [](int one) { return one == 7; }));
        std::iota(x.begin(), x.end(), 0);
        twill::parallel_for_each(x, [](int& one) { one *= 2; });
        twill::parallel_for(
            std::size_t{0}, x.size(), [&](std::size_t k) { x[k] += 1; }, twill::near(x));
        for (std::size_t k = 0; k < x.size(); ++k) {
            ASSERT_EQ(x[k], static_cast<int>(2 * k + 1));
        }
        const numa_vector<double> zeros(1000, how);
        EXPECT_EQ(std::accumulate(zeros.begin(), zeros.end(), 0.0), 0.0);
    }
}

TEST(numa_vector, empty_ones_hold_nothing) {
    numa_vector<std::string> none;
    EXPECT_TRUE(none.empty());
    EXPECT_EQ(none.begin(), none.end());
    const numa_vector<std::string> zero(0);
    EXPECT_EQ(zero.size(), 0u);
    twill::parallel_for_each(none, [](std::string&) { FAIL(); });
}

TEST(numa_vector, moves_and_leaves_nothing_behind) {
    numa_vector<std::string> x(1000, "a string that lies in memory of its own, not in itself");
    std::string* const data = x.data();
    const auto begin = x.begin();
    numa_vector<std::string> y = std::move(x);
    EXPECT_EQ(y.data(), data);
    EXPECT_EQ(y.begin(), begin);
    EXPECT_TRUE(x.empty()); // NOLINT(bugprone-use-after-move): it says so
    numa_vector<std::string> z(10, "z");
    z = std::move(y);
    EXPECT_EQ(z.size(), 1000u);
    EXPECT_EQ(z.back().front(), 'a');
    x.swap(z);
    EXPECT_EQ(x.size(), 1000u);
}

TEST(numa_vector, elements_need_not_be_copied_or_moved) {
    struct fixed {
        fixed() = default;
        fixed(const fixed&) = delete;
        fixed& operator=(const fixed&) = delete;
        std::atomic<int> value{5};
    };
    numa_vector<fixed> x(5000);
    twill::parallel_for_each(x, [](fixed& one) { ++one.value; });
    EXPECT_TRUE(std::all_of(x.begin(), x.end(), [](const fixed& one) { return one.value == 6; }));
}

TEST(numa_vector, too_much_memory_throws_bad_alloc) {
    EXPECT_THROW(numa_vector<double>(~std::size_t{0} / 4), std::bad_alloc);
    EXPECT_THROW(numa_vector<double>(~std::size_t{0} / 64), std::bad_alloc);
}

TEST(numa_vector, iterators_are_random_access) {
    numa_vector<int> x(100);
    std::iota(x.begin(), x.end(), 0);
    auto at = x.begin();
    EXPECT_EQ(*(at + 10), 10);
    EXPECT_EQ(*(10 + at), 10);
    EXPECT_EQ(at[99], 99);
    EXPECT_EQ(*at++, 0);
    EXPECT_EQ(*++at, 2);
    EXPECT_EQ(*at--, 2);
    EXPECT_EQ(*--at, 0);
    EXPECT_EQ(x.end() - x.begin(), 100);
    EXPECT_LT(x.begin(), x.end());
    const numa_vector<int>& seen = x;
    EXPECT_EQ(seen.begin(), numa_vector<int>::const_iterator(x.begin()));
    std::sort(x.begin(), x.end(), std::greater<>());
    EXPECT_EQ(x.front(), 99);
}

TEST(numa_vector, is_made_inside_of_tasks_too) {
    std::atomic<long> sum = 0;
    twill::parallel_for(0, 8, [&](int k) {
        const numa_vector<int> x(10'000, k);
        sum += std::accumulate(x.begin(), x.end(), 0L);
    });
    EXPECT_EQ(sum, 280'000);
}

template <class T>
using in_pool =
    std::scoped_allocator_adaptor<numa_allocator<T>, std::pmr::polymorphic_allocator<char>>;

static_assert(std::same_as<numa_vector<int>::allocator_type, numa_allocator<int>>);
static_assert(std::uses_allocator_v<numa_vector<int>, numa_allocator<int>>);
static_assert(!std::allocator_traits<numa_allocator<int>>::is_always_equal::value);

TEST(numa_vector, constructs_elements_with_the_inner_allocator) {
    constexpr const char* text = "a string that is longer than what a string holds in itself";
    std::pmr::synchronized_pool_resource pool;
    std::pmr::synchronized_pool_resource other;
    const in_pool<std::pmr::string> by(numa_options{}, &pool);
    numa_vector<std::pmr::string, in_pool<std::pmr::string>> x(3000, text, by);
    EXPECT_EQ(x.get_allocator(), by);
    for (const std::pmr::string& one : x) {
        ASSERT_EQ(one.get_allocator().resource(), &pool);
        ASSERT_EQ(one, text);
    }
    const auto* const data = x.data();
    decltype(x) y(std::move(x), by);
    EXPECT_EQ(y.data(), data);
    // Another pool: the elements move over, each into memory of that one.
    decltype(x) z(std::move(y), in_pool<std::pmr::string>(numa_options{}, &other));
    ASSERT_EQ(z.size(), 3000u);
    for (const std::pmr::string& one : z) {
        ASSERT_EQ(one.get_allocator().resource(), &other);
        ASSERT_EQ(one, text);
    }
}

TEST(numa_vector, an_inner_allocator_without_memory_is_an_exception_and_no_leak) {
    const in_pool<std::pmr::string> by(numa_options{}, std::pmr::null_memory_resource());
    using vector = numa_vector<std::pmr::string, in_pool<std::pmr::string>>;
    EXPECT_THROW(vector(100, std::pmr::string(100, 'x'), by), std::bad_alloc);
}

TEST(numa_allocator, gives_a_vector_its_memory_in_every_layout) {
    for (const numa_options& how : all_options()) {
        std::vector<int, numa_allocator<int>> x(how);
        for (int k = 0; k < 20'000; ++k) {
            x.push_back(k); // and so through pieces of many sizes
        }
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(x.data()) % 4096, 0u);
        twill::parallel_for_each(x, [](int& one) { one *= 2; }, twill::near(x));
        twill::parallel_for(
            std::size_t{0}, x.size(), [&](std::size_t k) { x[k] += 1; }, twill::near(x));
        for (std::size_t k = 0; k < x.size(); ++k) {
            ASSERT_EQ(x[k], static_cast<int>(2 * k + 1));
        }
        x.shrink_to_fit();
        EXPECT_EQ(x.back(), 39'999);
        EXPECT_EQ(x.get_allocator().options(), how);
    }
}

TEST(numa_allocator, goes_with_its_memory) {
    using vector = std::vector<int, numa_allocator<int>>;
    const numa_options here{numa_layout::on_node, 0, false};
    vector x(1000, 7, here);
    const int* const data = x.data();
    vector y(numa_options{});
    EXPECT_NE(x.get_allocator(), y.get_allocator());
    y = std::move(x);
    EXPECT_EQ(y.data(), data);
    EXPECT_EQ(y.get_allocator().options(), here);
    vector z(numa_options{});
    z = y; // its own layout, and copies of the elements
    EXPECT_EQ(z.get_allocator().options(), numa_options{});
    EXPECT_EQ(std::vector<int>(z.begin(), z.end()), std::vector<int>(1000, 7));
    EXPECT_EQ(numa_allocator<double>(z.get_allocator()), z.get_allocator());
}

TEST(numa_allocator, too_much_memory_throws_bad_alloc) {
    numa_allocator<double> by;
    EXPECT_THROW((void)by.allocate(~std::size_t{0} / 4), std::bad_alloc);
    EXPECT_THROW((void)by.allocate(~std::size_t{0} / 64), std::bad_alloc);
    double* const none = by.allocate(0);
    by.deallocate(none, 0);
}

} // namespace
