// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "input_error.hpp"
#include "renumber.hpp"
#include "snap_piece.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace social {

/// Reads an edge list in the form of the SNAP collection: a line for each edge, two vertex numbers
/// with tabs or blanks between them; "#" begins a comment; lines end with LF or CRLF. `name` is for
/// messages. Throws input_error for the first bad line, or if there is no edge at all.
/// Work O(bytes), in pieces of a megabyte.
template <class Loops>
edge_list read_snap(const Loops& loops, std::string_view text, const std::string& name) {
    constexpr std::size_t piece_size = std::size_t{1} << 20;
    const std::vector<std::string_view> texts = cut_lines(text, piece_size);
    std::vector<snap_piece> pieces(texts.size());
    loops.for_each(texts.size(), [&](std::size_t i) { pieces[i] = parse_piece(texts[i]); });

    std::vector<std::size_t> starts;
    std::size_t edges = 0;
    std::uint64_t lines = 0;
    for (const snap_piece& piece : pieces) {
        lines += piece.lines;
        if (!piece.complaint.empty()) {
            throw input_error(name + ":" + std::to_string(lines) + ": " + piece.complaint);
        }
        starts.push_back(edges);
        edges += piece.edges.size();
    }
    if (edges == 0) {
        throw input_error(name + (text.empty() ? ": is empty" : ": has no edges"));
    }
    edge_list list{buffer<edge>(edges), 0, {}, {}};
    loops.for_each(pieces.size(), [&](std::size_t i) {
        std::copy(pieces[i].edges.begin(), pieces[i].edges.end(), list.edges.data() + starts[i]);
    });
    renumber(loops, list);
    for (const snap_piece& piece : pieces) {
        for (const auto& [number, vertex_name] : piece.names) {
            name_vertex(list, number, vertex_name);
        }
    }
    return list;
}

} // namespace social
