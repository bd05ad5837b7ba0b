// SPDX-License-Identifier: Apache-2.0
#include "trace/format.hpp"

namespace twill::trace {

void put(std::byte* to, const chunk_header& header) noexcept {
    put_little_endian(to, header.mark);
    put_little_endian(to + 4, header.check);
    put_little_endian(to + 8, header.size);
    put_little_endian(to + 12, header.type);
    put_little_endian(to + 14, header.runtime);
    put_little_endian(to + 16, header.thread);
    put_little_endian(to + 20, header.sequence);
    put_little_endian(to + 24, header.dropped);
}

chunk_header chunk_header_at(const std::byte* from) noexcept {
    return {.mark = little_endian<std::uint32_t>(from),
            .check = little_endian<std::uint32_t>(from + 4),
            .size = little_endian<std::uint32_t>(from + 8),
            .type = little_endian<std::uint16_t>(from + 12),
            .runtime = little_endian<std::uint16_t>(from + 14),
            .thread = little_endian<std::uint32_t>(from + 16),
            .sequence = little_endian<std::uint32_t>(from + 20),
            .dropped = little_endian<std::uint64_t>(from + 24)};
}

} // namespace twill::trace
