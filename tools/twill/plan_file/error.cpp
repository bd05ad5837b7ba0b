// SPDX-License-Identifier: Apache-2.0
#include "plan_file/error.hpp"

#include <fmt/format.h>

#include <iterator>

namespace twill::tool {

namespace {

constexpr std::size_t longest_quoted = 200;

unsigned char byte(std::string_view text, std::size_t at) noexcept {
    return static_cast<unsigned char>(text[at]);
}

/// How many bytes the character at `at` has, or 0 if there is none.
std::size_t length_at(std::string_view text, std::size_t at) noexcept {
    const unsigned char first = byte(text, at);
    if (first < 0x80) {
        return 1;
    }
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || at + length > text.size()) {
        return 0;
    }
    for (std::size_t k = 1; k < length; ++k) {
        if ((byte(text, at + k) & 0xc0) != 0x80) {
            return 0;
        }
    }
    // Too long for what they say, surrogates, and beyond the last character.
    const unsigned char second = byte(text, at + 1);
    const bool wrong = (first == 0xe0 && second < 0xa0) || (first == 0xed && second >= 0xa0) ||
                       (first == 0xf0 && second < 0x90) || (first == 0xf4 && second >= 0x90);
    return wrong ? 0 : length;
}

} // namespace

file_error::file_error(const std::string& name, std::size_t line, std::string_view reason)
    : std::runtime_error(fmt::format("{}:{}: {}", name, line, quotable(reason))) {}

std::string quotable(std::string_view text) {
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        if (at >= longest_quoted) {
            return result + "...";
        }
        const std::size_t length = length_at(text, at);
        const unsigned char first = byte(text, at);
        // Control characters; those of U+0080 to U+009F, which terminals obey too; and U+FFFE and
        // U+FFFF, which XML does not take.
        if (length == 0 || first < 0x20 || first == 0x7f ||
            (first == 0xc2 && byte(text, at + 1) < 0xa0) ||
            (text.substr(at, 2) == "\xef\xbf" && byte(text, at + 2) >= 0xbe)) {
            fmt::format_to(std::back_inserter(result), "\\x{:02x}", first);
            ++at;
        } else {
            result += text.substr(at, length);
            at += length;
        }
    }
    return result;
}

bool is_utf8(std::string_view text) noexcept {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = length_at(text, at);
        if (length == 0) {
            return false;
        }
        at += length;
    }
    return true;
}

} // namespace twill::tool
