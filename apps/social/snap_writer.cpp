// SPDX-License-Identifier: Apache-2.0
#include "snap_writer.hpp"

#include "file.hpp"

#include <fmt/format.h>

#include <iterator>

namespace social {

void write_snap(const std::string& path, const std::vector<std::string>& head,
                std::span<const edge> edges, std::size_t vertices,
                const std::vector<std::string>& names) {
    constexpr std::size_t full = std::size_t{1} << 20;
    output_file file(path);
    fmt::memory_buffer text;
    const auto out = std::back_inserter(text);
    const auto flush_above = [&](std::size_t held) {
        if (text.size() > held) {
            file.write({text.data(), text.size()});
            text.clear();
        }
    };
    for (const std::string& line : head) {
        fmt::format_to(out, "# {}\n", line);
    }
    fmt::format_to(out, "# Nodes: {} Edges: {}\n", vertices, edges.size());
    for (std::size_t v = 0; v < names.size(); ++v) {
        fmt::format_to(out, "# vertex {} {}\n", v, names[v]);
        flush_above(full);
    }
    for (const edge& e : edges) {
        fmt::format_to(out, "{}\t{}\n", e.source, e.target);
        flush_above(full);
    }
    flush_above(0);
    file.close();
}

} // namespace social
