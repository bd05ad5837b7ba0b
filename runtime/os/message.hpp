// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace twill::os {

/// One line on stderr, in one write so that lines of several processes do not mix; cut to 511
/// characters. `format` as for printf, with the end of the line. Thread-safe; errno stays.
[[gnu::format(printf, 1, 2)]] void say(const char* format, ...) noexcept;

/// What an errno value means, in the C library's words.
struct reason {
    explicit reason(int error) noexcept;
    char text[64];
};

} // namespace twill::os
