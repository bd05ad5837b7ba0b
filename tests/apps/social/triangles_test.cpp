// SPDX-License-Identifier: Apache-2.0
#include "triangles.hpp"

#include "rmat.hpp"
#include "versions.hpp"

namespace social {
namespace {

template <class Loops>
class triangles_test : public testing::Test {};
TYPED_TEST_SUITE(triangles_test, versions);

template <class Loops>
std::uint64_t count(const Loops& loops, std::size_t vertices, const std::vector<edge>& edges) {
    return count_triangles(loops, graph_of(loops, vertices, edges));
}

TYPED_TEST(triangles_test, counts_those_of_complete_graphs) {
    for (const vertex n : {1U, 2U, 3U, 4U, 7U, 50U, 300U}) {
        const std::uint64_t expected = std::uint64_t{n} * (n - 1) * (n - 2) / 6;
        EXPECT_EQ(count(TypeParam(), n, complete(n)), n < 3 ? 0 : expected) << n;
    }
}

TYPED_TEST(triangles_test, counts_those_of_cycles) {
    EXPECT_EQ(count(TypeParam(), 3, cycle(3)), 1U);
    EXPECT_EQ(count(TypeParam(), 4, cycle(4)), 0U);
    EXPECT_EQ(count(TypeParam(), 1000, cycle(1000)), 0U);
}

TYPED_TEST(triangles_test, finds_none_in_a_star) {
    EXPECT_EQ(count(TypeParam(), 1000, star(1000)), 0U);
}

TYPED_TEST(triangles_test, counts_those_of_a_wheel) {
    // A hub, vertex 9, and a rim of nine: a triangle for each edge of the rim.
    std::vector<edge> edges = cycle(9);
    for (vertex v = 0; v < 9; ++v) {
        edges.push_back({9, v});
    }
    EXPECT_EQ(count(TypeParam(), 10, edges), 9U);
}

TYPED_TEST(triangles_test, does_not_care_for_direction_repetition_and_self_loops) {
    std::vector<edge> edges = complete(6);
    for (const edge& e : complete(6)) {
        edges.push_back({e.target, e.source});
        edges.push_back({e.source, e.source});
        edges.push_back(e);
    }
    EXPECT_EQ(count(TypeParam(), 6, edges), 20U);
}

// Every three vertices are looked at.
TYPED_TEST(triangles_test, agrees_with_brute_force) {
    const graph g = build_graph(TypeParam(), generate(TypeParam(), rmat{8, 8, 3}));
    const std::size_t n = g.vertices();
    std::vector<std::vector<bool>> joined(n, std::vector<bool>(n));
    for (std::size_t v = 0; v < n; ++v) {
        for (const vertex w : g.out.of(v)) {
            joined[v][w] = true;
            joined[w][v] = true;
        }
    }
    std::uint64_t expected = 0;
    for (std::size_t a = 0; a < n; ++a) {
        for (std::size_t b = a + 1; b < n; ++b) {
            for (std::size_t c = b + 1; joined[a][b] && c < n; ++c) {
                expected += joined[a][c] && joined[b][c] ? 1 : 0;
            }
        }
    }
    EXPECT_GT(expected, 1000U);
    EXPECT_EQ(count_triangles(TypeParam(), g), expected);
}

TYPED_TEST(triangles_test, orders_by_falling_degree) {
    const graph g = build_graph(TypeParam(), generate(TypeParam(), rmat{10, 8, 5}));
    const degree_order by = order_by_degree(TypeParam(), g);
    for (std::size_t r = 0; r < g.vertices(); ++r) {
        ASSERT_EQ(by.rank[by.order[r]], r);
        if (r > 0) {
            const std::uint64_t before = degree_of(g, by.order[r - 1]);
            const std::uint64_t now = degree_of(g, by.order[r]);
            ASSERT_TRUE(before > now || (before == now && by.order[r - 1] < by.order[r])) << r;
        }
    }
}

} // namespace
} // namespace social
