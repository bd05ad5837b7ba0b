// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

namespace twill::tool {

/// What is wrong with a file. Its text is one line, `file:line: reason`, that a terminal can show.
class file_error : public std::runtime_error {
public:
    file_error(const std::string& name, std::size_t line, std::string_view reason);
};

/// The text with what a terminal would not just show, or XML not take, replaced; cut where it is
/// too long for a message.
std::string quotable(std::string_view text);

/// Well-formed as of RFC 3629.
bool is_utf8(std::string_view text) noexcept;

} // namespace twill::tool
