// SPDX-License-Identifier: Apache-2.0
#include "os/message.hpp"

#include "os/kept_errno.hpp"

#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <unistd.h>

namespace twill::os {

void say(const char* format, ...) noexcept {
    const kept_errno kept;
    char line[512];
    std::va_list arguments;
    va_start(arguments, format);
    const int length = std::vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (length > 0) {
        const auto whole = static_cast<std::size_t>(length);
        const std::size_t shown = whole < sizeof line ? whole : sizeof line - 1;
        if (shown < whole) {
            line[shown - 1] = '\n';
        }
        // If stderr is gone, so be it.
        [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line, shown);
    }
}

reason::reason(int error) noexcept {
    char buffer[sizeof text];
    std::snprintf(text, sizeof text, "%s", ::strerror_r(error, buffer, sizeof buffer));
}

} // namespace twill::os
