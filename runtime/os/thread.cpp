// SPDX-License-Identifier: Apache-2.0
#include "os/thread.hpp"

#include "os/environment.hpp"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <new>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

namespace twill::os {
namespace {

constexpr std::size_t mebibyte = std::size_t{1} << 20;

// More than a page: a function with a large frame may step over a small guard without a touch.
constexpr std::size_t guard_size = 64 * 1024;

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

} // namespace

bool start_thread(const char* name, std::size_t stack_size, void (*entry)(void*),
                  void* argument) noexcept {
    start* const given = new (std::nothrow) start{entry, argument, {}};
    if (given == nullptr) {
        return false;
    }
    std::strncpy(given->name, name, sizeof given->name - 1);

    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0) {
        delete given;
        return false;
    }
    // The C library adds the guard area to the stack.
    bool started = pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED) == 0 &&
                   pthread_attr_setguardsize(&attributes, guard_size) == 0 &&
                   pthread_attr_setstacksize(&attributes, whole_pages(stack_size)) == 0;
    if (started) {
        const blocked_signals while_starting;
        pthread_t thread;
        started = pthread_create(&thread, &attributes, run_started, given) == 0;
    }
    pthread_attr_destroy(&attributes);
    if (!started) {
        delete given;
    }
    return started;
}

std::size_t default_stack_size() noexcept {
    rlimit limit{};
    std::size_t chosen = 8 * mebibyte;
    if (getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
        chosen = std::clamp<std::size_t>(limit.rlim_cur, 2 * mebibyte, 8 * mebibyte);
    }
    return whole_pages(size("TWILL_STACK_SIZE", 64 * 1024, std::size_t{64} << 30, chosen));
}

} // namespace twill::os
