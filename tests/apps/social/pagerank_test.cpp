// SPDX-License-Identifier: Apache-2.0
#include "pagerank.hpp"

#include "check.hpp"
#include "rmat.hpp"
#include "versions.hpp"

#include <numeric>

namespace social {
namespace {

template <class Loops>
class pagerank_test : public testing::Test {};
TYPED_TEST_SUITE(pagerank_test, versions);

constexpr double near_enough = 1e-8; // the iteration ends at a change of 1e-9 in sum

TYPED_TEST(pagerank_test, is_even_where_all_vertices_are_alike) {
    std::vector<edge> both_ways = complete(20);
    for (const edge& e : complete(20)) {
        both_ways.push_back({e.target, e.source});
    }
    for (const graph& g : {graph_of(TypeParam(), 20, cycle(20)),
                           graph_of(TypeParam(), 20, both_ways), graph_of(TypeParam(), 20, {})}) {
        const ranking found = rank_pages(TypeParam(), g, {});
        EXPECT_TRUE(found.converged);
        EXPECT_EQ(found.iterations, 1U);
        for (const double rank : found.ranks) {
            EXPECT_NEAR(rank, 0.05, near_enough);
        }
    }
}

// k leaves point to vertex 0, whose rank goes to all evenly. A leaf gets what every vertex gets,
// r; vertex 0 also d r from each leaf: c = r (1 + d k), and c + k r = 1.
TYPED_TEST(pagerank_test, ranks_a_star) {
    for (const vertex leaves : {1U, 3U, 1000U}) {
        const graph g = graph_of(TypeParam(), leaves + 1, star(leaves + 1));
        const ranking found = rank_pages(TypeParam(), g, {});
        const double k = leaves;
        const double leaf = 1 / (1 + k + 0.85 * k);
        EXPECT_TRUE(found.converged);
        EXPECT_NEAR(found.ranks[0], leaf * (1 + 0.85 * k), near_enough);
        for (vertex v = 1; v <= leaves; ++v) {
            ASSERT_NEAR(found.ranks[v], leaf, near_enough);
        }
    }
}

// 0 and 1 point to each other, 2 to both. Nothing points to 2: its rank is (1 - d)/3.
TYPED_TEST(pagerank_test, divides_a_rank_among_the_edges) {
    const graph g = graph_of(TypeParam(), 3, {{0, 1}, {1, 0}, {2, 0}, {2, 1}});
    const ranking found = rank_pages(TypeParam(), g, {});
    EXPECT_NEAR(found.ranks[2], 0.05, near_enough);
    EXPECT_NEAR(found.ranks[0], 0.475, near_enough);
    EXPECT_NEAR(found.ranks[1], 0.475, near_enough);
}

TYPED_TEST(pagerank_test, keeps_to_damping_and_tolerance) {
    const graph g = graph_of(TypeParam(), 4, star(4));
    const ranking flat = rank_pages(TypeParam(), g, {.damping = 0});
    EXPECT_DOUBLE_EQ(flat.ranks[0], 0.25);
    const ranking rough = rank_pages(TypeParam(), g, {.tolerance = 0.1});
    const ranking fine = rank_pages(TypeParam(), g, {.tolerance = 1e-12});
    EXPECT_LT(rough.change, 0.1);
    EXPECT_LT(fine.change, 1e-12);
    EXPECT_LT(rough.iterations, fine.iterations);
}

TYPED_TEST(pagerank_test, says_when_it_does_not_converge) {
    const graph g = graph_of(TypeParam(), 4, star(4));
    const ranking found = rank_pages(TypeParam(), g, {.most_iterations = 3});
    EXPECT_FALSE(found.converged);
    EXPECT_EQ(found.iterations, 3U);
}

TYPED_TEST(pagerank_test, sums_up_to_one) {
    const graph g = build_graph(TypeParam(), generate(TypeParam(), rmat{14, 8, 1}));
    const ranking found = rank_pages(TypeParam(), g, {});
    const double total = std::accumulate(found.ranks.begin(), found.ranks.end(), 0.0);
    EXPECT_TRUE(found.converged);
    EXPECT_NEAR(total, 1, rounding_bound(g.vertices(), 0.85));
}

} // namespace
} // namespace social
