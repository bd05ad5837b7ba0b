// SPDX-License-Identifier: Apache-2.0
#include "os/stack.hpp"

#include "os/kept_errno.hpp"
#include "twill/detail/atomic.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace twill::os {
namespace {

/// What the handler must know of the thread it runs on. A fault in [guard_low, guard_high) is an
/// overflow.
struct registration {
    std::uintptr_t guard_low = 0;
    std::uintptr_t guard_high = 0;
    std::size_t stack_size = 0;
    int (*worker)() noexcept = nullptr;
    void* memory = nullptr; // our alternate stack, if the thread had none
    std::size_t memory_size = 0;
};

// initial-exec: the handler must not run into the dynamic linker's allocation of thread storage.
[[gnu::tls_model("initial-exec")]] constinit thread_local registration own{};

constexpr int signals[] = {SIGSEGV, SIGBUS};

/// What was there before us; written before our handler can run, and never again.
struct sigaction previous[2];
constinit detail::atomic<std::uint32_t> reset_done[2]{};

// A user's handler may run on our alternate stack, and symbolizing a backtrace takes room. Only
// what is touched becomes resident.
constexpr std::size_t alternate_size = 256 * 1024;

// Below the lowest address that the main thread's stack may grow to, the kernel keeps a gap of
// 256 pages; a fault in it is an overflow.
constexpr std::size_t main_guard = std::size_t{256} * 4096;

/// Lets the default action happen, whatever sent the signal: it is sent again, with all that was
/// told about it, and is delivered when the handler returns and the signal is no longer blocked.
void default_action(int signal, siginfo_t* info) noexcept {
    struct sigaction action{};
    action.sa_handler = SIG_DFL;
    sigaction(signal, &action, nullptr);
    if (syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), signal, info) != 0) {
        syscall(SYS_tgkill, getpid(), gettid(), signal);
    }
}

/// An ignored signal that a fault raises ends the program all the same; one that was sent does not.
bool was_sent(int signal, const siginfo_t* info) noexcept {
    return info->si_code <= 0 || (signal == SIGBUS && info->si_code == BUS_MCEERR_AO);
}

/// Does what would have happened without us.
void chain(int signal, siginfo_t* info, void* context) noexcept {
    const std::size_t which = signal == SIGSEGV ? 0 : 1;
    const struct sigaction& before = previous[which];
    const bool plain = (before.sa_flags & SA_SIGINFO) == 0;
    if (plain && before.sa_handler == SIG_IGN) {
        if (!was_sent(signal, info)) {
            default_action(signal, info);
        }
        return;
    }
    if (plain && before.sa_handler == SIG_DFL) {
        default_action(signal, info);
        return;
    }
    if ((before.sa_flags & static_cast<int>(SA_RESETHAND)) != 0 &&
        reset_done[which].exchange(1, detail::relaxed) != 0) {
        default_action(signal, info);
        return;
    }
    if (plain) {
        before.sa_handler(signal);
    } else {
        before.sa_sigaction(signal, info, context);
    }
}

void on_fault(int signal, siginfo_t* info, void* context) {
    const kept_errno kept;
    const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
    // si_code tells a fault, which has an address, from a signal that somebody has sent.
    if (info->si_code > 0 && own.worker != nullptr && address >= own.guard_low &&
        address < own.guard_high) {
        stack_overflow(own.worker(), own.stack_size);
    }
    chain(signal, info, context);
}

void install(std::size_t which) noexcept {
    if (sigaction(signals[which], nullptr, &previous[which]) != 0) {
        return;
    }
    struct sigaction ours{};
    ours.sa_sigaction = on_fault;
    // What the other handler asked for holds while ours calls it.
    ours.sa_mask = previous[which].sa_mask;
    ours.sa_flags =
        SA_SIGINFO | SA_ONSTACK | (previous[which].sa_flags & (SA_NODEFER | SA_RESTART));
    sigaction(signals[which], &ours, nullptr);
}

std::size_t guard_of(const stack_bounds& stack) noexcept {
    if (gettid() == getpid()) {
        return std::min<std::uintptr_t>(main_guard, stack.low);
    }
    std::size_t guard = 0;
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
        pthread_attr_getguardsize(&attributes, &guard);
        pthread_attr_destroy(&attributes);
    }
    return guard;
}

/// False if there is neither an alternate stack nor memory for one.
bool provide_alternate_stack(registration& thread) noexcept {
    stack_t present{};
    if (sigaltstack(nullptr, &present) != 0) {
        return false;
    }
    if ((present.ss_flags & SS_DISABLE) == 0) {
        return true;
    }
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t usable =
        std::max(alternate_size, 2 * static_cast<std::size_t>(sysconf(_SC_SIGSTKSZ)));
    const std::size_t whole = page + (usable + page - 1) / page * page;
    void* const memory = mmap(nullptr, whole, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (memory == MAP_FAILED) {
        return false;
    }
    stack_t stack{};
    stack.ss_sp = static_cast<char*>(memory) + page;
    stack.ss_size = whole - page;
    if (mprotect(memory, page, PROT_NONE) != 0 || sigaltstack(&stack, nullptr) != 0) {
        munmap(memory, whole);
        return false;
    }
    thread.memory = memory;
    thread.memory_size = whole;
    return true;
}

} // namespace

// No wait for another thread that is at it: in the child of a fork() it would never end.
void install_overflow_handler() noexcept {
    static detail::atomic<std::uint32_t> installed{0};
    if (installed.exchange(1, detail::relaxed) == 0) {
        install(0);
        install(1);
    }
}

bool register_overflow_stack(int (*worker)() noexcept) noexcept {
    if (own.worker != nullptr) {
        return true;
    }
    const kept_errno kept;
    const stack_bounds stack = current_stack();
    const std::size_t guard = guard_of(stack);
    registration thread;
    const bool known = stack.low != 0 && guard != 0 && provide_alternate_stack(thread);
    if (known) {
        thread.guard_low = stack.low - guard;
        thread.guard_high = stack.low;
        thread.stack_size = stack.size();
        own = thread;
        // The handler, on this very thread, looks at `worker` first: the rest stands before it.
        asm volatile("" ::: "memory");
        own.worker = worker;
    }
    return known;
}

void unregister_overflow_stack() noexcept {
    own.worker = nullptr;
    if (own.memory == nullptr) {
        return;
    }
    const kept_errno kept;
    stack_t present{};
    // Somebody may have put another one in its place; then only the memory is ours.
    if (sigaltstack(nullptr, &present) == 0 &&
        reinterpret_cast<std::uintptr_t>(present.ss_sp) -
                reinterpret_cast<std::uintptr_t>(own.memory) <
            own.memory_size) {
        stack_t none{};
        none.ss_flags = SS_DISABLE;
        sigaltstack(&none, nullptr);
    }
    munmap(own.memory, own.memory_size);
    own = registration{};
}

} // namespace twill::os
