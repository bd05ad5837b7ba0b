// SPDX-License-Identifier: Apache-2.0
#include "topology/source.hpp"

namespace twill::topology {
namespace {

constexpr std::string_view machine_word = "machine";
constexpr std::string_view synthetic_prefix = "synthetic:";
constexpr std::string_view xml_prefix = "xml:";

std::optional<source> after(std::string_view value, std::string_view prefix, source_kind kind) {
    if (!value.starts_with(prefix) || value.size() == prefix.size()) {
        return std::nullopt;
    }
    return source{kind, std::string(value.substr(prefix.size()))};
}

} // namespace

std::optional<source> parse_source(std::string_view value) {
    if (value == machine_word) {
        return source{};
    }
    if (auto found = after(value, synthetic_prefix, source_kind::synthetic)) {
        return found;
    }
    return after(value, xml_prefix, source_kind::xml);
}

std::string shown(const source& from) {
    switch (from.kind) {
    case source_kind::synthetic:
        return std::string(synthetic_prefix) + from.text;
    case source_kind::xml:
        return std::string(xml_prefix) + from.text;
    case source_kind::machine:
        break;
    }
    return std::string(machine_word);
}

} // namespace twill::topology
