// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace twill::trace {

/// The CRC of the Castagnoli polynomial (RFC 3720, appendix B.4: that of iSCSI). `before` is the
/// result for the bytes in front of these, so that a CRC can be computed in pieces.
[[nodiscard]] std::uint32_t crc32c(std::span<const std::byte> bytes,
                                   std::uint32_t before = 0) noexcept;

} // namespace twill::trace
