// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gzip.hpp"
#include "rmat.hpp"
#include "snap_reader.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace social {

/// An edge list as it lies in a file or in the program, perhaps compressed.
struct snap_bytes {
    std::string name; ///< for messages and reports
    std::string_view bytes;
};

/// Where a graph comes from.
using graph_source = std::variant<snap_bytes, rmat>;

/// The extract of a package graph that the program carries.
[[nodiscard]] snap_bytes embedded_extract() noexcept;

/// What reports call the source.
[[nodiscard]] std::string describe(const graph_source& source);

/// Makes the edges, by unpacking and parsing or by generating. Throws input_error.
template <class Loops>
edge_list make_edges(const Loops& loops, const graph_source& source) {
    if (const rmat* const model = std::get_if<rmat>(&source)) {
        return generate(loops, *model);
    }
    const snap_bytes& file = std::get<snap_bytes>(source);
    if (is_gzip(file.bytes)) {
        return read_snap(loops, gunzip(file.bytes, file.name), file.name);
    }
    return read_snap(loops, file.bytes, file.name);
}

} // namespace social
