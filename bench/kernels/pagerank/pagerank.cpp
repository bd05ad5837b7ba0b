// SPDX-License-Identifier: Apache-2.0
#include "harness/harness.hpp"

#include "../apps/social/pagerank.hpp"
#include "graphs/loops.hpp"
#include "graphs/random_graph.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <vector>

namespace {

using social::graph;
using social::vertex;

/// The check: one more iteration, in which every vertex pushes along its outgoing edges. The
/// iteration is a contraction by the damping, so ranks that it changes by less than the tolerance
/// are as near to the only fixed point as those of any other way to it.
bool is_fixed_point(const graph& g, const social::ranking& found,
                    const social::pagerank_options& options) {
    const std::size_t vertices = g.vertices();
    std::vector<double> next(vertices);
    double dangling = 0;
    double total = 0;
    for (std::size_t v = 0; v < vertices; ++v) {
        const double rank = found.ranks[v];
        total += rank;
        const std::uint64_t degree = g.out.degree(v);
        if (degree == 0) {
            dangling += rank;
        }
        for (const vertex u : g.out.of(v)) {
            next[u] += options.damping * rank / static_cast<double>(degree);
        }
    }
    const double base =
        (1 - options.damping + options.damping * dangling) / static_cast<double>(vertices);
    double change = 0;
    for (std::size_t v = 0; v < vertices; ++v) {
        change += std::abs(next[v] + base - found.ranks[v]);
    }
    return found.converged && change < options.tolerance && std::abs(total - 1) < options.tolerance;
}

bench::operation prepare(const bench::arguments& given) {
    const auto g = std::make_shared<graph>(bench::random_graph(given.size));
    const auto small = std::make_shared<graph>(bench::random_graph(std::min(given.size, 10L)));
    const auto result = std::make_shared<social::ranking>();
    const social::pagerank_options options;
    const auto rank = [=](const graph& of) {
        *result = social::rank_pages(bench::runtime_loops(), of, options);
    };
    return {.run = [=] { rank(*g); },
            .check = [=] { return is_fixed_point(*g, *result, options); },
            .reset = [=] { *result = {}; },
            .warm = [=] { rank(*small); }};
}

} // namespace

int main(int argc, char** argv) {
    return bench::run_kernel("pagerank", bench::parse_arguments(argc, argv),
                             {{"rmat", 20, prepare}});
}
