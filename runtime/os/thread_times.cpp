// SPDX-License-Identifier: Apache-2.0
#include "os/thread_times.hpp"

#include "os/kept_errno.hpp"

#include <charconv>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

namespace twill::os {

void thread_times::open() noexcept {
    const kept_errno kept;
    clock_known_ = pthread_getcpuclockid(pthread_self(), &clock_) == 0;
    thread_ = gettid();
    char path[64];
    std::snprintf(path, sizeof path, "/proc/self/task/%d/schedstat", static_cast<int>(thread_));
    file_ = ::open(path, O_RDONLY | O_CLOEXEC);
    struct stat found{};
    if (file_ >= 0 && fstat(file_, &found) == 0) {
        device_ = found.st_dev;
        inode_ = found.st_ino;
    }
}

void thread_times::close() noexcept {
    const kept_errno kept;
    struct stat found{};
    if (file_ >= 0 && fstat(file_, &found) == 0 && found.st_dev == device_ &&
        found.st_ino == inode_) {
        ::close(file_);
    }
    file_ = -1;
    clock_known_ = false;
}

std::int64_t thread_times::cpu() const noexcept {
    timespec now{};
    if (!clock_known_ || clock_gettime(clock_, &now) != 0) {
        return -1;
    }
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

std::int64_t thread_times::run_delay() const noexcept {
    if (file_ < 0) {
        return -1;
    }
    const kept_errno kept;
    char text[96];
    const ssize_t length = ::pread(file_, text, sizeof text, 0);
    if (length <= 0) {
        return -1;
    }
    // "time on a CPU, run delay, time slices", all three or it is some other file
    std::uint64_t fields[3];
    const char* at = text;
    const char* const end = text + length;
    for (std::uint64_t& field : fields) {
        const auto [next, error] = std::from_chars(at, end, field);
        if (error != std::errc{} || next == end) {
            return -1;
        }
        at = next + 1;
    }
    return at == end ? static_cast<std::int64_t>(fields[1]) : -1;
}

bool thread_times::ready() const noexcept {
    const kept_errno kept;
    char path[64];
    std::snprintf(path, sizeof path, "/proc/self/task/%d/stat", static_cast<int>(thread_));
    const int file = ::open(path, O_RDONLY | O_CLOEXEC);
    char text[128];
    ssize_t length = 0;
    if (file >= 0) {
        length = ::pread(file, text, sizeof text - 1, 0);
        ::close(file);
    }
    text[length > 0 ? length : 0] = '\0';
    // "number (name) state ...": the name may hold anything, but it is the last to be closed
    const char* const name_end = std::strrchr(text, ')');
    return name_end != nullptr && name_end[1] == ' ' && name_end[2] == 'R';
}

} // namespace twill::os
