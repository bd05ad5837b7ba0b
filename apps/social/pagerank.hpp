// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graph.hpp"

#include <cmath>
#include <utility>

namespace social {

struct pagerank_options {
    double damping = 0.85;
    /// The iteration ends when the ranks change by less than this in sum.
    double tolerance = 1e-9;
    unsigned most_iterations = 1000;
};

struct ranking {
    buffer<double> ranks; ///< one for each vertex; their sum is 1
    unsigned iterations = 0;
    double change = 0; ///< of the last iteration, in sum
    bool converged = false;
};

/// PageRank: Brin, Page, "The anatomy of a large-scale hypertextual web search engine", 1998. The
/// rank of a vertex without outgoing edges goes to all vertices evenly. Every vertex pulls from its
/// incoming edges, so nothing is written by two. Work O(vertices + edges) an iteration, of which
/// there are at most log(tolerance)/log(damping) and a few.
template <class Loops>
ranking rank_pages(const Loops& loops, const graph& g, const pagerank_options& options) {
    /// What an iteration adds up.
    struct sums {
        double change;
        double dangling; ///< the rank of all vertices without outgoing edges
    };
    const auto add = [](const sums& a, const sums& b) {
        return sums{a.change + b.change, a.dangling + b.dangling};
    };
    /// What the loop over the vertices reads and writes.
    struct state {
        const graph* of;
        double* ranks;
        double* shares; ///< of each vertex for each of its outgoing edges
        double* next_shares;
        double damping;
        double base; ///< what every vertex gets without any incoming edge

        [[nodiscard]] sums put(std::size_t v, double rank, double change) const noexcept {
            const std::uint64_t degree = of->out.degree(v);
            ranks[v] = rank;
            next_shares[v] = degree > 0 ? rank / static_cast<double>(degree) : 0;
            return {change, degree > 0 ? 0 : rank};
        }
    };

    const std::size_t vertices = g.vertices();
    const double n = static_cast<double>(vertices);
    ranking result{buffer<double>(vertices)};
    buffer<double> shares(vertices);
    buffer<double> next_shares(vertices);
    state now{&g, result.ranks.data(), shares.data(), next_shares.data(), options.damping, 1 / n};
    sums sum = loops.reduce(
        vertices, sums{0, 0}, [&now](std::size_t v) { return now.put(v, now.base, 0); }, add);
    while (!result.converged && result.iterations < options.most_iterations) {
        std::swap(now.shares, now.next_shares);
        now.base = (1 - options.damping + options.damping * sum.dangling) / n;
        sum = loops.reduce(
            vertices, sums{0, 0},
            [&now](std::size_t v) {
                const double* const shares_of = now.shares;
                double pulled = 0;
                for (const vertex u : now.of->in.of(v)) {
                    pulled += shares_of[u];
                }
                const double rank = now.base + now.damping * pulled;
                return now.put(v, rank, std::abs(rank - now.ranks[v]));
            },
            add);
        ++result.iterations;
        result.change = sum.change;
        result.converged = sum.change < options.tolerance;
    }
    return result;
}

} // namespace social
