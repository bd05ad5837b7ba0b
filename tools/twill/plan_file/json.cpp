// SPDX-License-Identifier: Apache-2.0
#include "plan_file/error.hpp"
#include "plan_file/formats.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <iterator>
#include <limits>
#include <utility>

namespace twill::tool {

namespace {

/// How far the parser has read.
struct position {
    const char* read;
    const char* counted;
    std::size_t lines = 1;

    /// The line of the last character that was read.
    std::size_t line() noexcept {
        for (; counted + 1 < read; ++counted) {
            lines += *counted == '\n' ? 1 : 0;
        }
        return lines;
    }
};

/// Goes over the bytes and tells the position.
class followed {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    followed(const char* at, position* where) : at_(at), where_(where) {}
    reference operator*() const { return *at_; }
    followed& operator++() {
        where_->read = ++at_;
        return *this;
    }
    followed operator++(int) {
        followed before = *this;
        ++*this;
        return before;
    }
    friend bool operator==(const followed& one, const followed& other) {
        return one.at_ == other.at_;
    }
    friend bool operator!=(const followed& one, const followed& other) { return !(one == other); }

private:
    const char* at_;
    position* where_;
};

/// Takes what the parser finds, without a tree of it: the parser keeps a bit for each level, so
/// that no nesting is too deep.
class handler {
public:
    using json = nlohmann::json;

    handler(const std::string& name, position& where) : name_(name), where_(where) {}

    std::vector<file_task> take() { return std::move(tasks_); }

    bool null() {
        return value("null", [](field) { return true; });
    }
    bool boolean(bool /*value*/) {
        return value("true or false", [](field) { return false; });
    }
    bool number_integer(json::number_integer_t number) {
        return value("a number", [&](field of) {
            if (of == field::priority) {
                return set_priority(number);
            }
            return of == field::time && set_time(static_cast<double>(number));
        });
    }
    bool number_unsigned(json::number_unsigned_t number) {
        return number <= INT64_MAX ? number_integer(static_cast<std::int64_t>(number))
                                   : number_float(static_cast<double>(number), {});
    }
    bool number_float(json::number_float_t number, const json::string_t& /*text*/) {
        return value("a number", [&](field of) { return of == field::time && set_time(number); });
    }
    bool string(json::string_t& text) {
        return value("a string", [&](field of) {
            if (of != field::task && of != field::kind) {
                return false;
            }
            (of == field::task ? one_.name : one_.kind) = std::move(text);
            return true;
        });
    }
    bool binary(json::binary_t& /*value*/) { return true; } // JSON has none

    bool start_object(std::size_t /*size*/) {
        if (ignored_ > 0 || (level_ == level::top && !is_tasks_) || unknown_field()) {
            ++ignored_;
        } else if (level_ == level::outside) {
            level_ = level::top;
        } else if (level_ == level::tasks) {
            level_ = level::task;
            one_ = {};
            one_.line = where_.line();
        } else {
            refuse("an object");
        }
        return true;
    }
    bool end_object() {
        if (ignored_ > 0) {
            --ignored_;
        } else if (level_ == level::task) {
            add_task(tasks_, std::move(one_), name_);
            level_ = level::tasks;
        } else {
            level_ = level::outside;
        }
        return true;
    }
    bool start_array(std::size_t /*size*/) {
        if (ignored_ > 0 || (level_ == level::top && !is_tasks_) || unknown_field()) {
            ++ignored_;
        } else if (level_ == level::outside || level_ == level::top) {
            in_object_ = level_ == level::top;
            level_ = level::tasks;
        } else {
            refuse("a list");
        }
        return true;
    }
    bool end_array() {
        if (ignored_ > 0) {
            --ignored_;
        } else {
            level_ = in_object_ ? level::top : level::outside;
        }
        return true;
    }
    bool key(json::string_t& text) {
        if (ignored_ > 0) {
            return true;
        }
        if (level_ == level::top) {
            is_tasks_ = text == "tasks";
            if (is_tasks_ && std::exchange(had_tasks_, true)) {
                fail("\"tasks\" comes twice");
            }
            return true;
        }
        field_ = text == "task"       ? field::task
                 : text == "time"     ? field::time
                 : text == "kind"     ? field::kind
                 : text == "priority" ? field::priority
                                      : field::unknown;
        return true;
    }
    [[noreturn]] bool parse_error(std::size_t /*position*/, const std::string& /*token*/,
                                  const json::exception& error) {
        std::string_view text = error.what();
        for (const std::string_view until : {"] ", ": "}) {
            const std::size_t end = text.find(until);
            if (end != std::string_view::npos && end < 80) {
                text.remove_prefix(end + until.size());
            }
        }
        fail(text);
    }

private:
    enum class level { outside, top, tasks, task };
    enum class field { task, time, kind, priority, unknown };

    [[noreturn]] void fail(std::string_view reason) {
        throw file_error(name_, where_.line(), reason);
    }

    [[nodiscard]] bool unknown_field() const noexcept {
        return level_ == level::task && field_ == field::unknown;
    }

    [[noreturn]] void refuse(std::string_view found) {
        switch (level_) {
        case level::outside:
            fail(fmt::format("expected a list of tasks, found {}", found));
        case level::top:
            fail(fmt::format("tasks: expected a list, found {}", found));
        case level::tasks:
            fail(fmt::format("expected a task in braces, found {}", found));
        case level::task:
            break;
        }
        switch (field_) {
        case field::time:
            fail(fmt::format("time: expected a number, found {}", found));
        case field::priority:
            fail(fmt::format("priority: expected an integer of 32 bits, found {}", found));
        case field::kind:
            fail(fmt::format("kind: expected a string, found {}", found));
        default:
            fail(fmt::format("task: expected a string, found {}", found));
        }
    }

    /// A value that is no list and no object: `set(field)` takes it, or returns false.
    template <class Set>
    bool value(std::string_view what, const Set& set) {
        const bool nobody_asks =
            ignored_ > 0 || (level_ == level::top && !is_tasks_) || unknown_field();
        if (!nobody_asks && (level_ != level::task || !set(field_))) {
            refuse(what);
        }
        return true;
    }

    bool set_time(double time) {
        one_.time = checked_time(time, name_, where_.line());
        return true;
    }
    bool set_priority(std::int64_t number) noexcept {
        one_.priority = static_cast<int>(number);
        return number >= std::numeric_limits<int>::min() &&
               number <= std::numeric_limits<int>::max();
    }

    const std::string& name_;
    position& where_;
    std::vector<file_task> tasks_;
    file_task one_;
    level level_ = level::outside;
    field field_ = field::unknown;
    bool is_tasks_ = false; ///< the key of the outer object that was read last
    bool had_tasks_ = false;
    bool in_object_ = false;  ///< the list of tasks is
    std::size_t ignored_ = 0; ///< open lists and objects of fields that nobody asks for
};

} // namespace

std::vector<file_task> read_json(std::string_view bytes, const std::string& name) {
    const char* const begin = bytes.data(); // NOLINT(bugprone-suspicious-stringview-data-usage)
    position where{begin, begin};
    handler tasks(name, where);
    nlohmann::json::sax_parse(followed(begin, &where), followed(begin + bytes.size(), &where),
                              &tasks);
    return tasks.take();
}

} // namespace twill::tool
