// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "input.hpp"
#include "pagerank.hpp"
#include "progress.hpp"
#include "triangles.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace social {

/// What an analysis does, in this order.
enum class step : std::size_t { edges, build, triangles, pagerank };
inline constexpr std::size_t step_count = 4;

/// Milliseconds for each step.
using step_times = std::array<double, step_count>;

/// All that comes out of one graph.
struct analysis {
    graph of;
    std::uint64_t triangles = 0;
    ranking pagerank;
    step_times times{};
};

/// From the source to the results, every step by `loops`. The same code for the serial version and
/// the parallel one. Throws input_error.
template <class Loops>
analysis analyse(const Loops& loops, const graph_source& source, const pagerank_options& options,
                 progress& shown) {
    analysis result;
    const auto timed = [&](step which, const auto& work) {
        const auto begin = std::chrono::steady_clock::now();
        work();
        const std::chrono::duration<double, std::milli> took =
            std::chrono::steady_clock::now() - begin;
        result.times[static_cast<std::size_t>(which)] = took.count();
        shown.advance();
    };
    edge_list list;
    timed(step::edges, [&] { list = make_edges(loops, source); });
    timed(step::build, [&] { result.of = build_graph(loops, std::move(list)); });
    timed(step::triangles, [&] { result.triangles = count_triangles(loops, result.of); });
    timed(step::pagerank, [&] { result.pagerank = rank_pages(loops, result.of, options); });
    return result;
}

} // namespace social
