// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "input.hpp"
#include "pagerank.hpp"
#include "progress.hpp"
#include "triangles.hpp"

#include <twill/region.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <variant>

namespace social {

/// What an analysis does, in this order.
enum class step : std::size_t { edges, build, triangles, pagerank };
inline constexpr std::size_t step_count = 4;

/// What a step is called where people read it.
[[nodiscard]] inline const char* name_of(step which, const graph_source& source) noexcept {
    switch (which) {
    case step::edges:
        return std::holds_alternative<rmat>(source) ? "generate" : "read";
    case step::build:
        return "build graph";
    case step::triangles:
        return "triangles";
    case step::pagerank:
        return "PageRank";
    }
    return "";
}

/// Milliseconds for each step.
using step_times = std::array<double, step_count>;

/// All that comes out of one graph.
struct analysis {
    graph of;
    std::uint64_t triangles = 0;
    ranking pagerank;
    step_times times{};
};

/// From the source to the results, every step by `loops` and in a region of its name. The same code
/// for the serial version and the parallel one. Throws input_error.
template <class Loops>
analysis analyse(const Loops& loops, const graph_source& source, const pagerank_options& options,
                 progress& shown) {
    analysis result;
    const auto timed = [&](step which, const auto& work) {
        const twill::region named(name_of(which, source));
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
