// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace social {

/// What a stanza of a package index says about relations.
struct package_stanza {
    std::string_view name;
    std::vector<std::string_view> depends;  ///< also Pre-Depends, and all alternatives
    std::vector<std::string_view> provides; ///< virtual packages
};

/// The stanzas of an index, in its order; they refer to `text`. `name` is for messages. Throws
/// input_error.
[[nodiscard]] std::vector<package_stanza> parse_index(std::string_view text,
                                                      const std::string& name);

/// The package names in the value of a relation field: "a (>= 1) | b:any, c" has a, b and c.
[[nodiscard]] std::vector<std::string_view> related_names(std::string_view value);

} // namespace social
