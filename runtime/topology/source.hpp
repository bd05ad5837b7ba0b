// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace twill::topology {

/// Which machine a table is of.
enum class source_kind {
    machine,   ///< the one that the program runs on
    synthetic, ///< described in a line, in hwloc's own syntax
    xml,       ///< recorded in a file, as `lstopo FILE.xml` writes it
};

struct source {
    source_kind kind = source_kind::machine;
    std::string text; ///< the line, or the path of the file; empty for the machine
};

/// What expected values look like, for messages.
inline constexpr const char* source_forms = "machine, synthetic:TEXT or xml:FILE";

/// `machine`, `synthetic:TEXT` or `xml:FILE`, with neither TEXT nor FILE empty; nothing for
/// anything else. Whether hwloc takes TEXT or FILE is seen by read_table() only.
std::optional<source> parse_source(std::string_view value);

/// The value of the variable that gives this source.
std::string shown(const source& from);

} // namespace twill::topology
