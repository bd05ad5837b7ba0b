// SPDX-License-Identifier: Apache-2.0
#include "plan_file/error.hpp"
#include "plan_file/formats.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <system_error>
#include <utility>

namespace twill::tool {

namespace {

enum column : std::size_t { task_column, time_column, kind_column, priority_column, columns };
constexpr std::array<std::string_view, columns> titles{"task", "time", "kind", "priority"};
constexpr std::string_view expected_columns = "task,time[,kind,priority]";

std::string_view trimmed(std::string_view text) noexcept {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& one : result) {
        one = one >= 'A' && one <= 'Z' ? static_cast<char>(one - 'A' + 'a') : one;
    }
    return result;
}

/// The records of a CSV file as of RFC 4180: fields between commas, in quotes where they have
/// commas, quotes or line ends in them; lines end in CRLF or LF. Beyond that, blanks around a field
/// do not count, and empty lines and lines that begin with # are skipped.
class records {
public:
    records(std::string_view bytes, const std::string& name) : bytes_(bytes), name_(name) {}

    /// Reads the next record. False at the end.
    bool next(std::vector<std::string>& fields) {
        for (;;) {
            if (at_ == bytes_.size()) {
                return false;
            }
            line_ = next_line_;
            const std::string_view line = rest_of_line();
            if (!trimmed(line).empty() && line.front() != '#') {
                break;
            }
            at_ += line.size();
            end_line();
        }
        fields.clear();
        do {
            if (fields.size() == columns) {
                fail(fmt::format("expected {}, found more fields", expected_columns));
            }
            fields.push_back(field());
        } while (comma());
        return true;
    }

    /// Where the record began that was read last.
    [[nodiscard]] std::size_t line() const noexcept { return line_; }
    [[noreturn]] void fail(std::string_view reason) const {
        throw file_error(name_, line_, reason);
    }

private:
    /// Up to the end of the line, without what ends it.
    [[nodiscard]] std::string_view rest_of_line() const noexcept {
        const std::string_view rest = bytes_.substr(at_);
        const std::size_t end = rest.find('\n');
        if (end == std::string_view::npos) {
            return rest;
        }
        return rest.substr(0, end > 0 && rest[end - 1] == '\r' ? end - 1 : end);
    }

    void end_line() noexcept {
        at_ += bytes_.substr(at_, 2) == "\r\n" ? 2 : at_ < bytes_.size() ? 1 : 0;
        ++next_line_;
    }

    std::string field() {
        const std::string_view rest = rest_of_line();
        const std::size_t first = rest.find_first_not_of(" \t");
        if (first != std::string_view::npos && rest[first] == '"') {
            at_ += first + 1;
            return quoted();
        }
        const std::string_view text = rest.substr(0, rest.find(','));
        if (text.find('"') != std::string_view::npos) {
            fail("a quote within a field: put the field into quotes, and write the quote twice");
        }
        at_ += text.size();
        return checked(trimmed(text), false);
    }

    /// From after the opening quote on.
    std::string quoted() {
        std::string text;
        for (;;) {
            const std::size_t end = bytes_.find('"', at_);
            if (end == std::string_view::npos) {
                fail("a quote is not closed");
            }
            text += bytes_.substr(at_, end - at_);
            at_ = end + 1;
            if (at_ == bytes_.size() || bytes_[at_] != '"') {
                break;
            }
            text += '"';
            ++at_;
        }
        for (const char one : text) {
            next_line_ += one == '\n' ? 1 : 0;
        }
        const std::string_view after = rest_of_line().substr(0, rest_of_line().find(','));
        if (!trimmed(after).empty()) {
            fail(fmt::format("expected a comma after a closing quote, found \"{}\"",
                             quotable(trimmed(after))));
        }
        at_ += after.size();
        return checked(text, true);
    }

    std::string checked(std::string_view text, bool in_quotes) const {
        for (const char one : text) {
            const bool control = static_cast<unsigned char>(one) < 0x20 || one == '\x7f';
            if (control && one != '\t' && !(in_quotes && (one == '\n' || one == '\r'))) {
                fail(fmt::format("a control character: \"{}\"", quotable(text)));
            }
        }
        if (!is_utf8(text)) {
            fail(fmt::format("expected UTF-8, found \"{}\"", quotable(text)));
        }
        return std::string(text);
    }

    /// After a field: true if another one follows, else the line has ended.
    bool comma() noexcept {
        if (at_ < bytes_.size() && bytes_[at_] == ',') {
            ++at_;
            return true;
        }
        end_line();
        return false;
    }

    const std::string_view bytes_;
    const std::string& name_;
    std::size_t at_ = 0;
    std::size_t line_ = 1;
    std::size_t next_line_ = 1;
};

using places = std::array<std::size_t, columns>;
constexpr std::size_t absent = columns;

/// Where the columns are, if the record is a header.
bool read_header(const std::vector<std::string>& fields, places& where, const records& from) {
    places found;
    found.fill(absent);
    bool unknown = false;
    std::size_t wrong = 0;
    for (std::size_t k = 0; k < fields.size(); ++k) {
        std::size_t title = 0;
        while (title < columns && titles[title] != lower(fields[k])) {
            ++title;
        }
        if (title == columns || found[title] != absent) {
            unknown = true;
            wrong = k;
        } else {
            found[title] = k;
        }
    }
    if (found[task_column] == absent || found[time_column] == absent) {
        return false;
    }
    if (unknown) {
        from.fail(fmt::format("the header has \"{}\", expected {}", quotable(fields[wrong]),
                              expected_columns));
    }
    where = found;
    return true;
}

std::string text_at(std::vector<std::string>& fields, std::size_t where) {
    return where < fields.size() ? std::move(fields[where]) : std::string();
}

std::optional<double> time_of(const std::string& text, const std::string& name, std::size_t line) {
    if (text.empty()) {
        return std::nullopt;
    }
    double time = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), time);
    if (error == std::errc::result_out_of_range) {
        throw file_error(name, line, fmt::format("time: \"{}\" is out of range", quotable(text)));
    }
    if (error != std::errc() || end != text.data() + text.size()) {
        throw file_error(name, line,
                         fmt::format("time: expected a number, found \"{}\"", quotable(text)));
    }
    return checked_time(time, name, line);
}

int priority_of(const std::string& text, const std::string& name, std::size_t line) {
    int priority = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), priority);
    if (!text.empty() && (error != std::errc() || end != text.data() + text.size())) {
        throw file_error(
            name, line,
            fmt::format("priority: expected an integer of 32 bits, found \"{}\"", quotable(text)));
    }
    return priority;
}

} // namespace

std::vector<file_task> read_csv(std::string_view bytes, const std::string& name) {
    std::vector<file_task> tasks;
    std::vector<std::string> fields;
    places where{task_column, time_column, kind_column, priority_column};
    records all(bytes, name);
    for (bool first = true; all.next(fields); first = false) {
        if (first && read_header(fields, where, all)) {
            continue;
        }
        if (fields.size() < 2) {
            all.fail(fmt::format("expected {}, found one field", expected_columns));
        }
        const std::size_t line = all.line();
        file_task one;
        one.time = time_of(text_at(fields, where[time_column]), name, line);
        one.priority = priority_of(text_at(fields, where[priority_column]), name, line);
        one.kind = text_at(fields, where[kind_column]);
        one.name = text_at(fields, where[task_column]);
        one.line = line;
        add_task(tasks, std::move(one), name);
    }
    return tasks;
}

} // namespace twill::tool
