// SPDX-License-Identifier: Apache-2.0
#include "distinct.hpp"

#include "renumber.hpp"
#include "rmat.hpp"
#include "versions.hpp"

namespace social {
namespace {

template <class Loops>
class distinct_test : public testing::Test {};
TYPED_TEST_SUITE(distinct_test, versions);

std::vector<vertex> expected_of(const buffer<edge>& edges) {
    std::vector<vertex> all;
    for (const edge& e : edges) {
        all.push_back(e.source);
        all.push_back(e.target);
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

TYPED_TEST(distinct_test, both_ways_find_the_same) {
    // Scale 17 with gaps; five blocks, so that the merging meets an odd one.
    const edge_list list = generate(TypeParam(), rmat{17, 1, 2});
    const std::vector<vertex> expected = expected_of(list.edges);
    EXPECT_EQ(distinct_by_table(TypeParam(), list.edges, largest_number(TypeParam(), list.edges)),
              expected);
    EXPECT_EQ(distinct_by_sorting(TypeParam(), list.edges), expected);
    const edge_list odd = generate(TypeParam(), rmat{15, 5, 2});
    EXPECT_EQ(distinct_by_sorting(TypeParam(), odd.edges), expected_of(odd.edges));
}

// The same shape over small and over large numbers, which take the two ways of renumbering.
TYPED_TEST(distinct_test, renumbers_in_order) {
    for (const vertex factor : {3U, 1'000'000U}) {
        std::vector<edge> edges;
        for (vertex v = 0; v < 4000; ++v) {
            edges.push_back({v * factor, (4000 - v) * factor});
        }
        edge_list list = list_of(0, edges);
        renumber(TypeParam(), list);
        ASSERT_EQ(list.vertices, 4001U);
        for (vertex v = 0; v < 4000; ++v) {
            ASSERT_EQ(list.edges[v], (edge{v, 4000 - v}));
            ASSERT_EQ(list.numbers[v], v * factor);
        }
    }
}

TYPED_TEST(distinct_test, keeps_numbers_without_gaps) {
    edge_list list = list_of(0, cycle(100));
    renumber(TypeParam(), list);
    EXPECT_EQ(list.vertices, 100U);
    EXPECT_TRUE(list.numbers.empty());
}

} // namespace
} // namespace social
