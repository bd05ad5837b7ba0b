// SPDX-License-Identifier: Apache-2.0
#include "os/stack.hpp"

#include "os/kept_errno.hpp"
#include "twill/detail/atomic.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <pthread.h>
#include <sys/types.h>
#include <unistd.h>

namespace twill::os {
namespace {

/// A line put together without the C library's printing, which is not async-signal-safe.
class signal_safe_line {
public:
    signal_safe_line& operator<<(const char* text) noexcept {
        while (*text != '\0' && length_ < sizeof text_) {
            text_[length_++] = *text++;
        }
        return *this;
    }
    signal_safe_line& operator<<(std::size_t number) noexcept {
        char digits[24];
        std::size_t at = sizeof digits - 1;
        digits[at] = '\0';
        do {
            digits[--at] = static_cast<char>('0' + number % 10);
            number /= 10;
        } while (number != 0);
        return *this << digits + at;
    }
    void write() const noexcept {
        std::size_t done = 0;
        while (done < length_) {
            const ssize_t now = ::write(STDERR_FILENO, text_ + done, length_ - done);
            if (now <= 0 && errno != EINTR) {
                return;
            }
            done += now > 0 ? static_cast<std::size_t>(now) : 0;
        }
    }

private:
    char text_[256];
    std::size_t length_ = 0;
};

} // namespace

stack_bounds current_stack() noexcept {
    const kept_errno kept;
    stack_bounds bounds{0, 0};
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
        void* low = nullptr;
        std::size_t size = 0;
        if (pthread_attr_getstack(&attributes, &low, &size) == 0 && low != nullptr) {
            bounds.low = reinterpret_cast<std::uintptr_t>(low);
            bounds.high = bounds.low + size;
        }
        pthread_attr_destroy(&attributes);
    }
    return bounds;
}

// Of several at the same time the first one speaks, and ends all. Itself again, from a handler of
// SIGABRT, it is not kept waiting.
void stack_overflow(int worker, std::size_t stack_size) noexcept {
    static constinit detail::atomic<pid_t> speaker{0};
    const pid_t self = ::gettid();
    pid_t first = 0;
    if (!speaker.compare_exchange_strong(first, self, detail::relaxed, detail::relaxed)) {
        while (first != self) {
            ::pause();
        }
        std::abort();
    }
    signal_safe_line line;
    line << "twill: stack overflow on ";
    if (worker >= 0) {
        line << "worker " << static_cast<std::size_t>(worker);
    } else {
        line << "a thread outside of every worker";
    }
    line << ", whose stack has " << stack_size
         << " bytes: set TWILL_STACK_SIZE (ulimit -s for the main thread), or recurse less\n";
    line.write();
    std::abort();
}

} // namespace twill::os
