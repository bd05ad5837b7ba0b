// SPDX-License-Identifier: Apache-2.0
#include "snap_piece.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace social {
namespace {

constexpr bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }
constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// Takes words from the front of a line.
class line_reader {
public:
    explicit line_reader(std::string_view line) noexcept
        : next_(line.data()), end_(line.data() + line.size()) {
        if (next_ != end_ && end_[-1] == '\r') {
            --end_;
        }
        skip_blanks();
    }

    [[nodiscard]] bool ended() const noexcept { return next_ == end_; }
    [[nodiscard]] bool at_comment() const noexcept { return next_ != end_ && *next_ == '#'; }

    /// True if a vertex number stands here; it is taken. Else nothing is.
    bool take(vertex& number) noexcept {
        const char* digit = next_;
        std::uint64_t value = 0;
        for (; digit != end_ && is_digit(*digit); ++digit) {
            value = value * 10 + static_cast<unsigned>(*digit - '0');
            if (value > largest_vertex) {
                return false;
            }
        }
        if (digit == next_ || (digit != end_ && !is_blank(*digit))) {
            return false;
        }
        number = static_cast<vertex>(value);
        next_ = digit;
        skip_blanks();
        return true;
    }

    [[nodiscard]] std::string_view take_word() noexcept {
        const char* const begin = next_;
        while (next_ != end_ && !is_blank(*next_)) {
            ++next_;
        }
        const std::string_view word(begin, static_cast<std::size_t>(next_ - begin));
        skip_blanks();
        return word;
    }

private:
    void skip_blanks() noexcept {
        while (next_ != end_ && is_blank(*next_)) {
            ++next_;
        }
    }

    const char* next_;
    const char* end_;
};

/// Why no vertex number could be taken.
std::string complaint_about(line_reader line) {
    if (line.ended()) {
        return "expected two vertex numbers, found one";
    }
    const std::string_view word = line.take_word();
    if (std::all_of(word.begin(), word.end(), is_digit)) {
        return fmt::format("the vertex number {} is above {}",
                           word.size() > 24 ? quoted(word) : std::string(word), largest_vertex);
    }
    return fmt::format("expected a vertex number, found {}", quoted(word));
}

/// The comment "# vertex NUMBER NAME" gives a vertex its name; all others mean nothing.
void read_comment(line_reader line, snap_piece& piece) {
    vertex number = 0;
    if (line.take_word() == "#" && line.take_word() == "vertex" && line.take(number)) {
        const std::string_view name = line.take_word();
        if (!name.empty() && line.ended()) {
            piece.names.emplace_back(number, name);
        }
    }
}

} // namespace

std::string quoted(std::string_view text) {
    constexpr std::size_t most = 40;
    std::string shown = "\"";
    for (const char c : text.substr(0, most)) {
        shown += c >= ' ' && c <= '~' ? c : '?';
    }
    return shown + (text.size() > most ? "...\"" : "\"");
}

std::vector<std::string_view> cut_lines(std::string_view text, std::size_t size) {
    std::vector<std::string_view> pieces;
    while (!text.empty()) {
        std::size_t end = text.size();
        if (size < text.size()) {
            end = std::min(text.find('\n', size), text.size() - 1) + 1;
        }
        pieces.push_back(text.substr(0, end));
        text.remove_prefix(end);
    }
    return pieces;
}

snap_piece parse_piece(std::string_view text) {
    snap_piece piece;
    // A line of the larger lists has some 14 bytes.
    piece.edges.reserve(text.size() / 12);
    const char* next = text.data();
    const char* const end = next + text.size();
    while (next != end) {
        const auto left = static_cast<std::size_t>(end - next);
        const auto* const newline = static_cast<const char*>(std::memchr(next, '\n', left));
        const char* const stop = newline != nullptr ? newline : end;
        line_reader line({next, static_cast<std::size_t>(stop - next)});
        next = newline != nullptr ? newline + 1 : end;
        ++piece.lines;
        if (line.ended()) {
            continue;
        }
        if (line.at_comment()) {
            read_comment(line, piece);
            continue;
        }
        edge e{0, 0};
        if (!line.take(e.source) || !line.take(e.target)) {
            piece.complaint = complaint_about(line);
            break;
        }
        if (!line.ended()) {
            piece.complaint =
                fmt::format("expected two vertex numbers, then came {}", quoted(line.take_word()));
            break;
        }
        piece.edges.push_back(e);
    }
    return piece;
}

} // namespace social
