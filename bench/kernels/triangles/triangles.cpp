// SPDX-License-Identifier: Apache-2.0
#include "harness/harness.hpp"

#include "../apps/social/triangles.hpp"
#include "graphs/loops.hpp"
#include "graphs/random_graph.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <memory>
#include <span>
#include <vector>

namespace {

using social::graph;
using social::vertex;

/// What count_by_merging() came to where it takes long, by scale.
const std::map<long, std::uint64_t> known = {
    {17, 36'047'758}, {18, 82'625'409}, {19, 188'245'786}, {20, 424'361'779}};

/// The neighbours of v with higher numbers, in either direction.
std::vector<vertex> neighbours_above(const graph& g, std::size_t v) {
    const std::span<const vertex> out = g.out.of(v);
    const std::span<const vertex> in = g.in.of(v);
    const auto self = static_cast<vertex>(v);
    std::vector<vertex> both;
    std::set_union(std::upper_bound(out.begin(), out.end(), self), out.end(),
                   std::upper_bound(in.begin(), in.end(), self), in.end(),
                   std::back_inserter(both));
    return both;
}

/// The check: every triangle at its edge between the two lowest numbers, by merging the lists of
/// the ends. Without orders, marks and parallel loops.
std::uint64_t count_by_merging(const graph& g) {
    std::vector<std::vector<vertex>> above;
    for (std::size_t v = 0; v < g.vertices(); ++v) {
        above.push_back(neighbours_above(g, v));
    }
    std::uint64_t found = 0;
    for (const std::vector<vertex>& of_v : above) {
        for (const vertex u : of_v) {
            const std::vector<vertex>& of_u = above[u];
            auto a = std::upper_bound(of_v.begin(), of_v.end(), u);
            auto b = of_u.begin();
            while (a != of_v.end() && b != of_u.end()) {
                const vertex x = *a;
                const vertex y = *b;
                found += x == y ? 1 : 0;
                a += x <= y ? 1 : 0;
                b += y <= x ? 1 : 0;
            }
        }
    }
    return found;
}

bench::operation prepare(const bench::arguments& given) {
    const auto g = std::make_shared<graph>(bench::random_graph(given.size));
    const auto listed = known.find(given.size);
    const std::uint64_t expected = listed != known.end() ? listed->second : count_by_merging(*g);
    const auto small = std::make_shared<graph>(bench::random_graph(std::min(given.size, 10L)));
    const auto result = std::make_shared<std::uint64_t>(0);
    return {.run = [=] { *result = social::count_triangles(bench::runtime_loops(), *g); },
            .check = [=] { return *result == expected; },
            .reset = [=] { *result = 0; },
            .warm = [=] { *result = social::count_triangles(bench::runtime_loops(), *small); }};
}

} // namespace

int main(int argc, char** argv) {
    return bench::run_kernel("triangles", bench::parse_arguments(argc, argv),
                             {{"rmat", 20, prepare}});
}
