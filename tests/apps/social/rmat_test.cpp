// SPDX-License-Identifier: Apache-2.0
#include "rmat.hpp"

#include "versions.hpp"

#include <cmath>

namespace social {
namespace {

std::vector<edge> edges_of(const edge_list& list) { return {list.edges.begin(), list.edges.end()}; }

TEST(rmat, is_the_same_for_serial_and_parallel_loops) {
    const rmat model{12, 16, 5};
    const edge_list serial = generate(serial_loops(), model);
    EXPECT_EQ(serial.vertices, 4096U);
    EXPECT_EQ(serial.edges.size(), 65536U);
    EXPECT_EQ(edges_of(serial), edges_of(generate(twill_loops(), model)));
}

// A change of these edges would change every result that somebody has written down.
TEST(rmat, keeps_its_edges) {
    const rmat model{18, 16, 1};
    std::uint64_t sum = 0;
    for (std::uint64_t i = 0; i < 1000; ++i) {
        const edge e = model(i);
        sum = mix(sum + (std::uint64_t{e.source} << 32 | e.target));
    }
    EXPECT_EQ(sum, 6798873134739045103U);
}

TEST(rmat, differs_by_seed) {
    EXPECT_NE(edges_of(generate(serial_loops(), rmat{8, 4, 1})),
              edges_of(generate(serial_loops(), rmat{8, 4, 2})));
}

TEST(rmat, stays_within_its_vertices) {
    for (const unsigned scale : {1U, 2U, 9U, 31U}) {
        const rmat model{scale, 1, 3};
        std::uint64_t all = 0;
        for (std::uint64_t i = 0; i < 10'000; ++i) {
            const edge e = model(i);
            all |= e.source | e.target;
        }
        EXPECT_EQ(all, model.vertices() - 1) << "scale " << scale;
    }
}

// On every level each quadrant has its share, within six standard deviations.
TEST(rmat, chooses_quadrants_by_their_probabilities) {
    constexpr unsigned scale = 10;
    constexpr std::uint64_t edges = 100'000;
    const rmat model{scale, 16, 11};
    const double expected[] = {rmat::a, rmat::b, rmat::c, 1 - rmat::a - rmat::b - rmat::c};
    for (unsigned level = 0; level < scale; ++level) {
        double found[4] = {};
        for (std::uint64_t i = 0; i < edges; ++i) {
            const edge e = model(i);
            found[(e.source >> level & 1) * 2 + (e.target >> level & 1)] += 1;
        }
        for (int q = 0; q < 4; ++q) {
            const double deviation = std::sqrt(expected[q] * (1 - expected[q]) / edges);
            EXPECT_NEAR(found[q] / edges, expected[q], 6 * deviation) << level << ' ' << q;
        }
    }
}

} // namespace
} // namespace social
