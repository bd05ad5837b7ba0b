// SPDX-License-Identifier: Apache-2.0
#include "os/environment.hpp"

#include "os/kept_errno.hpp"
#include "os/message.hpp"
#include "twill/detail/atomic.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <unistd.h>

namespace twill::os {
namespace {

/// True for the first bad value of each name. There are a handful of names; when the table is
/// full, later ones are told each time.
bool first_complaint(const char* name) noexcept {
    static detail::atomic<const char*> told[16]{};
    for (auto& entry : told) {
        const char* known = entry.load(detail::relaxed);
        if (known == nullptr) {
            // relaxed: names are literals, there is nothing behind them to be published
            if (entry.compare_exchange_strong(known, name, detail::relaxed, detail::relaxed)) {
                return true;
            }
        }
        if (std::strcmp(known, name) == 0) {
            return false;
        }
    }
    return true;
}

/// A value as it may stand in a line: no control characters, and not endless.
struct printable {
    char text[68];
    explicit printable(const char* value) noexcept {
        std::size_t length = 0;
        for (; value[length] != '\0' && length < 64; ++length) {
            const char c = value[length];
            text[length] = c >= ' ' && c <= '~' ? c : '?';
        }
        const bool cut = value[length] != '\0';
        std::memcpy(text + length, cut ? "..." : "\0\0\0", 4);
    }
};

/// A number of bytes the way people write it.
struct size_text {
    char text[32];
    explicit size_text(std::size_t bytes) noexcept {
        static constexpr struct {
            unsigned shift;
            const char* suffix;
        } units[] = {{30, "G"}, {20, "M"}, {10, "K"}, {0, ""}};
        for (const auto& unit : units) {
            if (unit.shift == 0 || (bytes != 0 && bytes % (std::size_t{1} << unit.shift) == 0)) {
                std::snprintf(text, sizeof text, "%zu%s", bytes >> unit.shift, unit.suffix);
                return;
            }
        }
    }
};

bool digit(char c) noexcept { return c >= '0' && c <= '9'; }

bool parse_integer(const char* text, long& value) noexcept {
    if (!digit(*text) && !(*text == '-' && digit(text[1]))) {
        return false; // strtol would take blanks and signs that nobody means
    }
    char* end = nullptr;
    errno = 0;
    value = std::strtol(text, &end, 10);
    return errno == 0 && *end == '\0';
}

bool parse_size(const char* text, std::size_t& value) noexcept {
    if (!digit(*text)) {
        return false;
    }
    char* end = nullptr;
    errno = 0;
    const unsigned long long number = std::strtoull(text, &end, 10);
    if (errno != 0) {
        return false;
    }
    unsigned shift = 0;
    switch (*end) {
    case 'K':
    case 'k':
        shift = 10;
        break;
    case 'M':
    case 'm':
        shift = 20;
        break;
    case 'G':
    case 'g':
        shift = 30;
        break;
    default:
        break;
    }
    if (shift != 0) {
        ++end;
    }
    if (*end != '\0' || number > (static_cast<std::size_t>(-1) >> shift)) {
        return false;
    }
    value = static_cast<std::size_t>(number) << shift;
    return true;
}

} // namespace

void bad_value(const char* name, const char* expected, const char* value,
               const char* used) noexcept {
    if (!first_complaint(name)) {
        return;
    }
    say("%s: expected %s, got \"%s\"; using %s\n", name, expected, printable(value).text, used);
}

const char* read(const char* name) noexcept { return ::secure_getenv(name); }

void complain(const char* name, const char* expected, const char* value,
              const char* used) noexcept {
    const kept_errno kept;
    if (!first_complaint(name)) {
        return;
    }
    say("%s: expected %s, got \"%s\"; using %s\n", name, expected, printable(value).text, used);
}

long integer(const char* name, long low, long high, long fallback, bool* taken) noexcept {
    const kept_errno kept;
    const char* text = read(name);
    long value = 0;
    const bool set = text != nullptr && *text != '\0';
    const bool good = set && parse_integer(text, value) && value >= low && value <= high;
    if (taken != nullptr) {
        *taken = good;
    }
    if (good || !set) {
        return good ? value : fallback;
    }
    char expected[80];
    char used[24];
    std::snprintf(expected, sizeof expected, "an integer from %ld to %ld", low, high);
    std::snprintf(used, sizeof used, "%ld", fallback);
    bad_value(name, expected, text, used);
    return fallback;
}

bool flag(const char* name) noexcept {
    const kept_errno kept;
    const char* text = read(name);
    if (text == nullptr || *text == '\0' || std::strcmp(text, "0") == 0) {
        return false;
    }
    if (std::strcmp(text, "1") == 0) {
        return true;
    }
    bad_value(name, "0 or 1", text, "0");
    return false;
}

int choice(const char* name, std::span<const char* const> values, const char* expected,
           int fallback) noexcept {
    const kept_errno kept;
    const char* text = read(name);
    if (text == nullptr || *text == '\0') {
        return fallback;
    }
    for (std::size_t k = 0; k < values.size(); ++k) {
        if (std::strcmp(text, values[k]) == 0) {
            return static_cast<int>(k);
        }
    }
    bad_value(name, expected, text, values[static_cast<std::size_t>(fallback)]);
    return fallback;
}

std::size_t size(const char* name, std::size_t low, std::size_t high,
                 std::size_t fallback) noexcept {
    const kept_errno kept;
    const char* text = read(name);
    if (text == nullptr || *text == '\0') {
        return fallback;
    }
    std::size_t value = 0;
    if (parse_size(text, value) && value >= low && value <= high) {
        return value;
    }
    char expected[120];
    std::snprintf(expected, sizeof expected, "a size from %s to %s (bytes, or with K, M or G)",
                  size_text(low).text, size_text(high).text);
    bad_value(name, expected, text, size_text(fallback).text);
    return fallback;
}

} // namespace twill::os
