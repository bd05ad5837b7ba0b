// SPDX-License-Identifier: Apache-2.0
#include "os/thread_state.hpp"

#include "os/kept_errno.hpp"

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

namespace twill::os {
namespace {

/// Where a system call says how long it sleeps at the most.
enum class limit { always, unless_null, unless_negative };
struct timed_call {
    long number;
    int argument;
    limit how;
};

constexpr timed_call timed_calls[] = {
    {SYS_futex, 3, limit::unless_null},
    {SYS_nanosleep, 0, limit::always},
    {SYS_clock_nanosleep, 0, limit::always},
    {SYS_restart_syscall, 0, limit::always}, // a call of this table, after a stop
    {SYS_ppoll, 2, limit::unless_null},
    {SYS_pselect6, 4, limit::unless_null},
    {SYS_rt_sigtimedwait, 2, limit::unless_null},
    {SYS_semtimedop, 3, limit::unless_null},
    {SYS_epoll_pwait, 3, limit::unless_negative},
#if defined(SYS_epoll_wait)
    {SYS_epoll_wait, 3, limit::unless_negative},
#endif
#if defined(SYS_poll)
    {SYS_poll, 2, limit::unless_negative},
#endif
#if defined(SYS_select)
    {SYS_select, 4, limit::unless_null},
#endif
};

bool ends_by_itself(long call, const std::uint64_t (&arguments)[6]) noexcept {
    for (const timed_call& one : timed_calls) {
        if (one.number == call) {
            const std::uint64_t given = arguments[one.argument];
            switch (one.how) {
            case limit::always:
                return true;
            case limit::unless_null:
                return given != 0;
            case limit::unless_negative:
                return static_cast<std::int32_t>(given) >= 0;
            }
        }
    }
    return false;
}

/// What follows "key:" and blanks in a text of such lines, or null.
const char* value_of(const char* text, const char* key) noexcept {
    const std::size_t length = std::strlen(key);
    for (const char* line = text; line != nullptr && *line != '\0';) {
        if (std::strncmp(line, key, length) == 0 && line[length] == ':') {
            const char* const value = line + length + 1;
            return value + std::strspn(value, " \t");
        }
        line = std::strchr(line, '\n');
        line = line != nullptr ? line + 1 : nullptr;
    }
    return nullptr;
}

std::uint64_t number_of(const char* text, const char* key) noexcept {
    const char* const value = value_of(text, key);
    return value != nullptr ? std::strtoull(value, nullptr, 10) : 0;
}

/// False if there is no such file, or nothing in it.
bool read_file_of(int thread, const char* file, char* into, std::size_t size) noexcept {
    char path[64];
    std::snprintf(path, sizeof path, "/proc/self/task/%d/%s", thread, file);
    const int opened = ::open(path, O_RDONLY | O_CLOEXEC);
    if (opened < 0) {
        return false;
    }
    const ssize_t length = ::read(opened, into, size - 1);
    ::close(opened);
    into[length > 0 ? length : 0] = '\0';
    return length > 0;
}

} // namespace

int thread_number() noexcept { return ::gettid(); }

bool parse_thread_status(const char* text, thread_state& into) noexcept {
    if (const char* const name = value_of(text, "Name"); name != nullptr) {
        std::size_t length = std::strcspn(name, "\n");
        length = length < sizeof into.name ? length : sizeof into.name - 1;
        std::memcpy(into.name, name, length);
        into.name[length] = '\0';
    }
    into.switches =
        number_of(text, "voluntary_ctxt_switches") + number_of(text, "nonvoluntary_ctxt_switches");
    const char* const state = value_of(text, "State");
    into.what = thread_state::doing::unknown;
    if (state == nullptr || *state == '\0' || std::strchr("RSDTt", *state) == nullptr) {
        return false; // it has ended, or is no thread of a program
    }
    into.what = *state == 'S' ? thread_state::doing::sleeps : thread_state::doing::runs;
    return true;
}

void parse_thread_call(const char* text, thread_state& into) noexcept {
    char* at = nullptr;
    const long call = std::strtol(text, &at, 10);
    if (at == text) {
        // "running": it has woken up since its state was read
        into.what = std::strncmp(text, "running", 7) == 0 ? thread_state::doing::runs : into.what;
        return;
    }
    if (call < 0) {
        return; // asleep outside of every system call: for a page, say
    }
    std::uint64_t arguments[6] = {};
    for (std::uint64_t& one : arguments) {
        char* const before = at;
        one = std::strtoull(before, &at, 16);
        if (at == before) {
            return;
        }
    }
    into.call = call;
    if (ends_by_itself(call, arguments)) {
        into.what = thread_state::doing::waits_for_time;
    } else if (call == SYS_futex) {
        into.what = thread_state::doing::waits_for_thread;
        into.address = arguments[0];
    } else {
        into.what = thread_state::doing::waits_in_call;
    }
}

thread_state state_of_thread(int thread) noexcept {
    const kept_errno kept;
    thread_state result;
    char text[4096];
    if (read_file_of(thread, "status", text, sizeof text) && parse_thread_status(text, result) &&
        result.what == thread_state::doing::sleeps &&
        read_file_of(thread, "syscall", text, sizeof text)) {
        parse_thread_call(text, result);
    }
    return result;
}

int holder_of_lock(std::uint64_t address) noexcept {
#if defined(__GLIBC__)
    const kept_errno kept;
    // As glibc has laid mutexes out since there are futexes. By the kernel, because what lies there
    // may be something else, or nothing, by now.
    struct {
        std::int32_t locked;
        std::uint32_t count;
        std::int32_t owner;
    } seen{};
    const iovec into{&seen, sizeof seen};
    const iovec from{reinterpret_cast<void*>(address), sizeof seen}; // NOLINT: an address
    if (::process_vm_readv(::getpid(), &into, 1, &from, 1, 0) != sizeof seen ||
        (seen.locked != 1 && seen.locked != 2) || seen.owner <= 0) {
        return 0;
    }
    char path[64];
    std::snprintf(path, sizeof path, "/proc/self/task/%d", seen.owner);
    return ::access(path, F_OK) == 0 ? seen.owner : 0;
#else
    static_cast<void>(address);
    return 0;
#endif
}

} // namespace twill::os
