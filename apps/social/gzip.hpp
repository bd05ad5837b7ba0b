// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace social {

/// Does it begin like a gzip file (RFC 1952)?
[[nodiscard]] bool is_gzip(std::string_view bytes) noexcept;

/// What the gzip members in `bytes` hold, one after the other. `name` is for messages. Throws
/// input_error if they are truncated or corrupt, or if something else follows them.
[[nodiscard]] std::string gunzip(std::string_view bytes, const std::string& name);

/// Throws input_error if the bytes begin like a compressed format that cannot be read here.
void refuse_other_formats(std::string_view bytes, const std::string& name);

/// Text as it is, or out of gzip; which, the bytes tell. Throws input_error.
[[nodiscard]] std::string unpack(std::string bytes, const std::string& name);

} // namespace social
