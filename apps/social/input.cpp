// SPDX-License-Identifier: Apache-2.0
#include "input.hpp"

#include <fmt/format.h>

// The build names the file. Its bytes become read-only data between two symbols.
__asm__(".pushsection .rodata\n"
        ".balign 16\n"
        "social_extract_begin:\n"
        ".incbin \"" SOCIAL_EXTRACT "\"\n"
        "social_extract_end:\n"
        ".byte 0\n"
        ".popsection\n");

extern "C" {
extern const char social_extract_begin[];
extern const char social_extract_end[];
}

namespace social {

snap_bytes embedded_extract() noexcept {
    return {"the packages of Debian 12 (embedded extract)",
            {social_extract_begin,
             static_cast<std::size_t>(social_extract_end - social_extract_begin)}};
}

std::string describe(const graph_source& source) {
    if (const rmat* const model = std::get_if<rmat>(&source)) {
        return fmt::format("R-MAT scale {}, {} edges per vertex, seed {}", model->scale,
                           model->edges_per_vertex, model->seed);
    }
    return std::get<snap_bytes>(source).name;
}

} // namespace social
