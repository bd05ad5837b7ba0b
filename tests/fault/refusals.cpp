// SPDX-License-Identifier: Apache-2.0
#include "refusals.hpp"

#include <twill/detail/atomic.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <linux/futex.h>
#include <new>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace refusals {
namespace {

struct rule {
    std::string_view call;
    int error = 0;
    long first = 0;
    long step = 0;
    std::atomic<long> calls{0};
};

std::array<rule, 7> rules{{{.call = "pthread_create"},
                           {.call = "mmap"},
                           {.call = "futex_wait"},
                           {.call = "sched_getaffinity"},
                           {.call = "pthread_attr_setaffinity_np"},
                           {.call = "new"},
                           {.call = "munmap"}}};
enum which : std::size_t { create_thread, map, wait, get_affinity, set_affinity, allocate, unmap };

struct named_error {
    std::string_view name;
    int value;
};
constexpr std::array errors{named_error{"EAGAIN", EAGAIN}, named_error{"ENOMEM", ENOMEM},
                            named_error{"EINTR", EINTR}, named_error{"EPERM", EPERM},
                            named_error{"EINVAL", EINVAL}};

std::atomic<bool> armed{false};
std::atomic<int> refused{0};
thread_local int sparing = 0;

/// The error that this call is to fail with, or 0.
int fails(which call) noexcept {
    if (!armed.load(std::memory_order_relaxed) || sparing > 0) {
        return 0;
    }
    rule& one = rules[call];
    if (one.first == 0) {
        return 0;
    }
    const long past = one.calls.fetch_add(1, std::memory_order_relaxed) + 1 - one.first;
    const bool now = past == 0 || (past > 0 && one.step != 0 && past % one.step == 0);
    refused.fetch_add(now ? 1 : 0, std::memory_order_relaxed);
    return now ? one.error : 0;
}

/// The function of the C library that is called so, or what a sanitizer has put before it, which
/// has to see the call. No static of a function: where two threads come first, the language's own
/// lock would call syscall(), which is one of these.
template <class Function>
Function* real(std::atomic<void*>& known, const char* name) noexcept {
    void* found = known.load(std::memory_order_relaxed);
    if (found == nullptr) {
        std::array<char, 64> seen{"__interceptor_"};
        found = dlsym(RTLD_DEFAULT, std::strncat(seen.data(), name, 40));
        found = found != nullptr ? found : dlsym(RTLD_NEXT, name);
        known.store(found, std::memory_order_relaxed);
    }
    return reinterpret_cast<Function*>(found);
}

bool number(std::string_view text, long& value) {
    return std::from_chars(text.data(), text.data() + text.size(), value).ptr ==
           text.data() + text.size();
}

std::string_view field(std::string_view& rest) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    const std::string_view one = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return one;
}

} // namespace

bool add(std::string_view text) {
    const std::string_view call = field(text);
    const std::string_view error = field(text);
    for (rule& one : rules) {
        for (const named_error& known : errors) {
            if (one.call == call && known.name == error) {
                one.error = known.value;
                return number(field(text), one.first) && number(field(text), one.step);
            }
        }
    }
    return false;
}

void arm() noexcept { armed.store(true, std::memory_order_relaxed); }
int count() noexcept { return refused.load(std::memory_order_relaxed); }

spared::spared() noexcept { ++sparing; }
spared::~spared() { --sparing; }

} // namespace refusals

using refusals::fails;

extern "C" {

// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): reserved ones, in the headers

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*entry)(void*),
                   void* argument) noexcept {
    constinit static std::atomic<void*> known{nullptr};
    const int error = fails(refusals::create_thread);
    return error != 0 ? error
                      : refusals::real<decltype(pthread_create)>(known, "pthread_create")(
                            thread, attributes, entry, argument);
}

void* mmap(void* where, std::size_t bytes, int protection, int flags, int file,
           off_t offset) noexcept {
    constinit static std::atomic<void*> known{nullptr};
    if (const int error = fails(refusals::map); error != 0) {
        errno = error;
        return MAP_FAILED;
    }
    return refusals::real<decltype(mmap)>(known, "mmap")(where, bytes, protection, flags, file,
                                                         offset);
}

int munmap(void* where, std::size_t bytes) noexcept {
    constinit static std::atomic<void*> known{nullptr};
    if (const int error = fails(refusals::unmap); error != 0) {
        errno = error;
        return -1;
    }
    return refusals::real<decltype(munmap)>(known, "munmap")(where, bytes);
}

int sched_getaffinity(pid_t thread, std::size_t bytes, cpu_set_t* mask) noexcept {
    constinit static std::atomic<void*> known{nullptr};
    if (const int error = fails(refusals::get_affinity); error != 0) {
        errno = error;
        return -1;
    }
    return refusals::real<decltype(sched_getaffinity)>(known, "sched_getaffinity")(thread, bytes,
                                                                                   mask);
}

int pthread_attr_setaffinity_np(pthread_attr_t* attributes, std::size_t bytes,
                                const cpu_set_t* mask) noexcept {
    constinit static std::atomic<void*> known{nullptr};
    const int error = fails(refusals::set_affinity);
    return error != 0 ? error
                      : refusals::real<decltype(pthread_attr_setaffinity_np)>(
                            known, "pthread_attr_setaffinity_np")(attributes, bytes, mask);
}

long syscall(long call, ...) noexcept {
    constinit static std::atomic<void*> known{nullptr};
    std::va_list list;
    va_start(list, call);
    std::array<long, 6> given{};
    for (long& one : given) {
        one = va_arg(list, long);
    }
    va_end(list);
    const long operation = given[1] & FUTEX_CMD_MASK;
    if (call == SYS_futex && (operation == FUTEX_WAIT || operation == FUTEX_WAIT_BITSET)) {
        if (const int error = fails(refusals::wait); error != 0) {
            errno = error;
            return -1;
        }
    }
    return refusals::real<decltype(syscall)>(known, "syscall")(call, given[0], given[1], given[2],
                                                               given[3], given[4], given[5]);
}

// NOLINTEND(readability-inconsistent-declaration-parameter-name)

} // extern "C"

// ThreadSanitizer has operators of its own, of which the linker takes no second ones: there no
// allocation fails.
#if !defined(TWILL_THREAD_SANITIZER)

// The other forms of the standard library come here.
void* operator new(std::size_t bytes) {
    void* const room = fails(refusals::allocate) != 0 ? nullptr : std::malloc(bytes); // NOLINT
    if (room == nullptr) {
        throw std::bad_alloc();
    }
    return room;
}

void* operator new(std::size_t bytes, std::align_val_t alignment) {
    const auto aligned = static_cast<std::size_t>(alignment);
    void* const room = fails(refusals::allocate) != 0
                           ? nullptr
                           : std::aligned_alloc(aligned, (bytes + aligned - 1) / aligned * aligned);
    if (room == nullptr) {
        throw std::bad_alloc();
    }
    return room;
}

void operator delete(void* room) noexcept { std::free(room); }                   // NOLINT
void operator delete(void* room, std::size_t) noexcept { std::free(room); }      // NOLINT
void operator delete(void* room, std::align_val_t) noexcept { std::free(room); } // NOLINT
void operator delete(void* room, std::size_t, std::align_val_t) noexcept {       // NOLINT
    std::free(room);                                                             // NOLINT
}

#endif
