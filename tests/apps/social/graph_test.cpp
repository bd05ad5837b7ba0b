// SPDX-License-Identifier: Apache-2.0
#include "graph.hpp"

#include "rmat.hpp"
#include "versions.hpp"

#include <set>
#include <utility>

namespace social {
namespace {

template <class Loops>
class graph_test : public testing::Test {};
TYPED_TEST_SUITE(graph_test, versions);

std::vector<vertex> list(const adjacency& lists, std::size_t v) {
    const auto of = lists.of(v);
    return {of.begin(), of.end()};
}

TYPED_TEST(graph_test, drops_repetitions_and_self_loops) {
    const graph g =
        graph_of(TypeParam(), 4, {{2, 1}, {0, 3}, {2, 1}, {1, 1}, {2, 0}, {1, 2}, {3, 3}});
    EXPECT_EQ(g.vertices(), 4U);
    EXPECT_EQ(g.edges(), 4U);
    EXPECT_EQ(list(g.out, 0), (std::vector<vertex>{3}));
    EXPECT_EQ(list(g.out, 1), (std::vector<vertex>{2}));
    EXPECT_EQ(list(g.out, 2), (std::vector<vertex>{0, 1}));
    EXPECT_EQ(list(g.out, 3), (std::vector<vertex>{}));
    EXPECT_EQ(list(g.in, 0), (std::vector<vertex>{2}));
    EXPECT_EQ(list(g.in, 1), (std::vector<vertex>{2}));
    EXPECT_EQ(list(g.in, 2), (std::vector<vertex>{1}));
    EXPECT_EQ(list(g.in, 3), (std::vector<vertex>{0}));
}

TYPED_TEST(graph_test, takes_a_graph_of_self_loops_only) {
    const graph g = graph_of(TypeParam(), 1, {{0, 0}});
    EXPECT_EQ(g.vertices(), 1U);
    EXPECT_EQ(g.edges(), 0U);
}

// Large enough for several blocks, buckets of several vertices, and a few empty buckets.
TYPED_TEST(graph_test, agrees_with_a_set_of_edges) {
    const rmat model{13, 16, 7};
    edge_list made = generate(TypeParam(), model);
    std::set<std::pair<vertex, vertex>> expected;
    for (const edge& e : made.edges) {
        if (e.source != e.target) {
            expected.emplace(e.source, e.target);
        }
    }
    const graph g = build_graph(TypeParam(), std::move(made));
    ASSERT_EQ(g.edges(), expected.size());
    ASSERT_EQ(g.in.edges(), expected.size());
    auto next = expected.begin();
    for (std::size_t v = 0; v < g.vertices(); ++v) {
        for (const vertex w : g.out.of(v)) {
            ASSERT_EQ(*next++, (std::pair{static_cast<vertex>(v), w}));
        }
        const std::vector<vertex> in = list(g.in, v);
        ASSERT_TRUE(std::is_sorted(in.begin(), in.end()));
        for (const vertex u : in) {
            ASSERT_TRUE(expected.contains({u, static_cast<vertex>(v)}));
        }
    }
}

TYPED_TEST(graph_test, scans) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{100'000}}) {
        std::vector<std::uint64_t> counts(size);
        for (std::size_t i = 0; i < size; ++i) {
            counts[i] = i % 7;
        }
        const std::vector<std::uint64_t> before = counts;
        const std::uint64_t total = exclusive_scan(TypeParam(), std::span(counts));
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < size; ++i) {
            ASSERT_EQ(counts[i], sum);
            sum += before[i];
        }
        EXPECT_EQ(total, sum);
    }
}

} // namespace
} // namespace social
