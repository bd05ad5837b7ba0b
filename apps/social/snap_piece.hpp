// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "edge_list.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace social {

/// What a run of whole lines of a SNAP edge list says.
struct snap_piece {
    std::vector<edge> edges;
    std::vector<std::pair<vertex, std::string>> names;
    std::uint64_t lines = 0; ///< up to the end, or up to and with the first bad one
    std::string complaint;   ///< about the last of these lines; empty if all are good
};

/// Cuts a text into pieces of whole lines, of about `size` bytes each.
[[nodiscard]] std::vector<std::string_view> cut_lines(std::string_view text, std::size_t size);

[[nodiscard]] snap_piece parse_piece(std::string_view text);

/// A text from a file as it may stand in a message: quoted, printable, and not endless.
[[nodiscard]] std::string quoted(std::string_view text);

} // namespace social
