// SPDX-License-Identifier: Apache-2.0
#include "os/thread.hpp"

#include "os/environment.hpp"
#include "os/kept_errno.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <new>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

namespace twill::os {
namespace {

constexpr std::size_t mebibyte = std::size_t{1} << 20;

// More than a page: a function with a large frame may step over a small guard without a touch.
constexpr std::size_t guard_size = 64 * 1024;

/// More CPUs than any kernel knows.
constexpr int cpus_max = 1 << 20;

struct start {
    void (*entry)(void*);
    void* argument;
    char name[16];
};

void* run_started(void* opaque) {
    start* const given = static_cast<start*>(opaque);
    const start own = *given;
    delete given;
    pthread_setname_np(pthread_self(), own.name);
    own.entry(own.argument);
    return nullptr;
}

/// Blocks every signal that does not come from the thread's own instructions, for one scope: the
/// new thread inherits the mask, so no handler of the program ever begins on it.
class blocked_signals {
public:
    blocked_signals() noexcept {
        sigset_t mask;
        sigfillset(&mask);
        for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP}) {
            sigdelset(&mask, fault);
        }
        pthread_sigmask(SIG_SETMASK, &mask, &before_);
    }
    ~blocked_signals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    blocked_signals(const blocked_signals&) = delete;
    blocked_signals& operator=(const blocked_signals&) = delete;

private:
    sigset_t before_;
};

std::size_t whole_pages(std::size_t bytes) noexcept {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    return (bytes + page - 1) / page * page;
}

/// What pthread_create() is told. The C library adds the guard area to the stack.
class thread_attributes {
public:
    thread_attributes(std::size_t stack_size, bool detached) noexcept
        : made_(pthread_attr_init(&attributes_) == 0) {
        complete_ =
            made_ &&
            pthread_attr_setdetachstate(&attributes_, detached ? PTHREAD_CREATE_DETACHED
                                                               : PTHREAD_CREATE_JOINABLE) == 0 &&
            pthread_attr_setguardsize(&attributes_, guard_size) == 0 &&
            pthread_attr_setstacksize(&attributes_, whole_pages(stack_size)) == 0;
    }
    ~thread_attributes() {
        if (made_) {
            pthread_attr_destroy(&attributes_);
        }
    }
    thread_attributes(const thread_attributes&) = delete;
    thread_attributes& operator=(const thread_attributes&) = delete;

    /// 0 or an errno value.
    int keep_to(std::span<const int> cores) noexcept {
        const auto [least, greatest] = std::minmax_element(cores.begin(), cores.end());
        if (*least < 0 || *greatest >= cpus_max) {
            return EINVAL;
        }
        const auto cpus = static_cast<std::size_t>(*greatest) + 1;
        cpu_set_t* const mask = CPU_ALLOC(cpus);
        if (mask == nullptr) {
            return ENOMEM;
        }
        const std::size_t bytes = CPU_ALLOC_SIZE(cpus);
        CPU_ZERO_S(bytes, mask);
        for (const int core : cores) {
            CPU_SET_S(static_cast<std::size_t>(core), bytes, mask);
        }
        const int error =
            complete_ ? pthread_attr_setaffinity_np(&attributes_, bytes, mask) : EINVAL;
        CPU_FREE(mask);
        return error;
    }

    /// pthread_create(), which applies the mask before the thread runs. 0 or an errno value.
    int create(start* given, pthread_t* handle) noexcept {
        if (!complete_) {
            return ENOMEM;
        }
        pthread_t ignored{};
        return pthread_create(handle != nullptr ? handle : &ignored, &attributes_, run_started,
                              given);
    }

private:
    pthread_attr_t attributes_{};
    bool made_;
    bool complete_ = false;
};

} // namespace

thread_started start_thread(const thread_start& how, void (*entry)(void*), void* argument,
                            pthread_t* handle) noexcept {
    const kept_errno kept; // the C library maps the stack
    thread_started result{ENOMEM, 0};
    start* const given = new (std::nothrow) start{entry, argument, {}};
    if (given != nullptr) {
        std::strncpy(given->name, how.name, sizeof given->name - 1);
        const blocked_signals while_starting;
        if (!how.cores.empty()) {
            thread_attributes placed(how.stack_size, handle == nullptr);
            result.cores_error = placed.keep_to(how.cores);
            result.error = result.cores_error == 0 ? placed.create(given, handle) : 0;
            // No thread and no memory are EAGAIN and ENOMEM; every other word is about the mask:
            // EINVAL for one without a core to use, EPERM where a sandbox forbids masks.
            if (result.error != 0 && result.error != EAGAIN && result.error != ENOMEM) {
                result.cores_error = result.error;
            }
        }
        if (how.cores.empty() || result.cores_error != 0) {
            result.error =
                thread_attributes(how.stack_size, handle == nullptr).create(given, handle);
        }
    }
    if (result.error != 0) {
        delete given;
    }
    return result;
}

void join_thread(pthread_t handle) noexcept { pthread_join(handle, nullptr); }

std::size_t default_stack_size() noexcept {
    rlimit limit{};
    std::size_t chosen = 8 * mebibyte;
    if (getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
        chosen = std::clamp<std::size_t>(limit.rlim_cur, 2 * mebibyte, 8 * mebibyte);
    }
    return whole_pages(size("TWILL_STACK_SIZE", 64 * 1024, std::size_t{64} << 30, chosen));
}

} // namespace twill::os
