// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "edge_list.hpp"

#include <span>
#include <string>
#include <vector>

namespace social {

/// Writes an edge list that read_snap() reads: the lines of the head as comments, a comment with
/// the numbers of vertices and edges, one with the name of each vertex if there are names, and the
/// edges. Throws input_error if the file cannot be written.
void write_snap(const std::string& path, const std::vector<std::string>& head,
                std::span<const edge> edges, std::size_t vertices,
                const std::vector<std::string>& names);

} // namespace social
