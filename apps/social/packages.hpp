// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "edge_list.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace social {

/// Packages that depend on packages.
struct package_graph {
    std::vector<std::string> names; ///< ascending
    std::vector<edge> edges;        ///< ascending, distinct, none from a package to itself
    std::size_t packages = 0;       ///< in the index; those without any edge have no vertex
    std::size_t unresolved = 0;     ///< names in dependencies that nothing in the index bears
};

/// Reads a Debian package index: stanzas of "Field: value" lines as in the files "Packages" of an
/// archive. An edge leads from a package to every one that can satisfy a Depends or Pre-Depends of
/// it: all alternatives, and for a virtual package all that provide it. Versions are left aside.
/// `name` is for messages. Throws input_error.
[[nodiscard]] package_graph read_packages(std::string_view text, const std::string& name);

/// The `most` packages with the most edges and the edges between them.
[[nodiscard]] package_graph extract(const package_graph& whole, std::size_t most);

} // namespace social
