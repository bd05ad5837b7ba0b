// SPDX-License-Identifier: Apache-2.0
#include "package_index.hpp"

#include "input_error.hpp"
#include "snap_piece.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace social {
namespace {

constexpr std::string_view blanks = " \t\r\n";

constexpr char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Field names are compared without regard to case.
bool is_field(std::string_view field, std::string_view name) noexcept {
    return std::equal(field.begin(), field.end(), name.begin(), name.end(),
                      [](char a, char b) { return lower(a) == lower(b); });
}

std::string_view trimmed(std::string_view text) noexcept {
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

class index_parser {
public:
    index_parser(std::string_view text, const std::string& name) : rest_(text), name_(name) {}

    std::vector<package_stanza> run() {
        while (!rest_.empty()) {
            const std::string_view line = take_line();
            if (trimmed(line).empty()) {
                end_stanza();
            } else {
                read_field(line);
            }
        }
        end_stanza();
        return std::move(stanzas_);
    }

private:
    std::string_view take_line() {
        const std::size_t size = std::min(rest_.find('\n'), rest_.size() - 1) + 1;
        const std::string_view line = rest_.substr(0, size);
        rest_.remove_prefix(size);
        ++line_;
        return line;
    }

    /// A field and the lines that continue it, which begin with a blank.
    void read_field(std::string_view line) {
        const std::size_t colon = line.find(':');
        const std::string_view field = line.substr(0, std::min(colon, line.size()));
        if (colon == std::string_view::npos || field.empty() ||
            field.find_first_of(blanks) != std::string_view::npos) {
            fail(line_, fmt::format("expected \"Field: value\", found {}", quoted(trimmed(line))));
        }
        if (!open_) {
            stanza_line_ = line_;
            open_ = true;
        }
        const std::uint64_t field_line = line_;
        std::size_t size = line.size() - colon - 1;
        const char* const begin = line.data() + colon + 1;
        while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) {
            size += take_line().size();
        }
        const std::string_view value = trimmed({begin, size});
        if (is_field(field, "Package")) {
            if (value.empty() || value.find_first_of(blanks) != std::string_view::npos) {
                fail(field_line, "expected a package name, found " + quoted(value));
            }
            stanza_.name = value;
        } else if (is_field(field, "Depends") || is_field(field, "Pre-Depends")) {
            const std::vector<std::string_view> names = related_names(value);
            stanza_.depends.insert(stanza_.depends.end(), names.begin(), names.end());
        } else if (is_field(field, "Provides")) {
            stanza_.provides = related_names(value);
        }
    }

    void end_stanza() {
        if (!open_) {
            return;
        }
        if (stanza_.name.empty()) {
            fail(stanza_line_, "this stanza has no field \"Package\"");
        }
        stanzas_.push_back(std::move(stanza_));
        stanza_ = {};
        open_ = false;
    }

    [[noreturn]] void fail(std::uint64_t line, const std::string& what) const {
        throw input_error(fmt::format("{}:{}: {}", name_, line, what));
    }

    std::string_view rest_;
    const std::string& name_;
    std::uint64_t line_ = 0;
    std::uint64_t stanza_line_ = 0;
    bool open_ = false;
    package_stanza stanza_;
    std::vector<package_stanza> stanzas_;
};

} // namespace

std::vector<std::string_view> related_names(std::string_view value) {
    std::vector<std::string_view> names;
    while (!value.empty()) {
        const std::size_t end = std::min(value.find_first_of(",|"), value.size());
        const std::string_view relation = trimmed(value.substr(0, end));
        // What follows a name: a version, an architecture or a build profile.
        const std::string_view name = relation.substr(0, relation.find_first_of(" \t\r\n(:[<"));
        if (!name.empty()) {
            names.push_back(name);
        }
        value.remove_prefix(std::min(end + 1, value.size()));
    }
    return names;
}

std::vector<package_stanza> parse_index(std::string_view text, const std::string& name) {
    return index_parser(text, name).run();
}

} // namespace social
