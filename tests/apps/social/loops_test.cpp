// SPDX-License-Identifier: Apache-2.0
#include "versions.hpp"

#include "in_order.hpp"

#include <cstdint>
#include <functional>
#include <thread>

namespace {

using namespace social; // NOLINT(google-build-using-namespace)

/// No block, a part of one, whole ones, and a rest.
constexpr std::size_t counts[] = {0, 1, 63, 64, 65, 128, 1000, 100'001};

TEST(in_order, every_index_is_handed_out_once_and_each_taker_gets_them_ascending) {
    for (const std::size_t count : counts) {
        std::vector<std::vector<std::size_t>> taken(3);
        in_order rest(count);
        std::vector<std::jthread> takers;
        for (std::vector<std::size_t>& own : taken) {
            takers.emplace_back([&] { rest.take([&](std::size_t i) { own.push_back(i); }); });
        }
        takers.clear();
        std::vector<std::size_t> all;
        for (const std::vector<std::size_t>& own : taken) {
            EXPECT_TRUE(std::is_sorted(own.begin(), own.end()));
            all.insert(all.end(), own.begin(), own.end());
        }
        std::sort(all.begin(), all.end());
        ASSERT_EQ(all.size(), count);
        for (std::size_t i = 0; i < count; ++i) {
            ASSERT_EQ(all[i], i);
        }
    }
}

template <class Loops>
class loops_test : public testing::Test {};
TYPED_TEST_SUITE(loops_test, versions);

TYPED_TEST(loops_test, a_reduction_in_order_has_the_sum_of_the_other_one) {
    const auto map = [](std::size_t i) { return std::uint64_t{i} * i + 1; };
    for (const std::size_t count : counts) {
        const auto sum = TypeParam::reduce_in_order(count, std::uint64_t{0}, map, std::plus<>());
        EXPECT_EQ(sum, TypeParam::reduce(count, std::uint64_t{0}, map, std::plus<>()));
    }
}

} // namespace
