// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <pthread.h>
#include <span>

namespace twill::os {

/// How a thread is to be.
struct thread_start {
    /// Cut to 15 characters.
    const char* name;
    /// In bytes. Only reserved, with a guard area below it that is no part of it.
    std::size_t stack_size;
    /// The numbers of the CPUs that the thread runs on from its first instruction; none: those of
    /// the thread that starts it.
    std::span<const int> cores{};
};

struct thread_started {
    /// 0, or an errno value: the system has no thread or no memory to give, and nothing was
    /// started.
    int error = 0;
    /// 0, or an errno value: none of the cores may be used, and the thread runs where the one that
    /// started it may.
    int cores_error = 0;
};

/// Starts a thread that runs entry(argument): joinable if there is a `handle` to be filled, else
/// detached. All signals are blocked on it but those that a fault raises in the thread itself
/// (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP).
thread_started start_thread(const thread_start& how, void (*entry)(void*), void* argument,
                            pthread_t* handle = nullptr) noexcept;

/// Waits until a joinable thread is gone, the kernel's part of it included. Once a thread.
void join_thread(pthread_t handle) noexcept;

/// The stack size of the runtime's threads in bytes, a multiple of the page size: TWILL_STACK_SIZE
/// (64K to 64G), else RLIMIT_STACK kept within 2 to 8 MiB.
std::size_t default_stack_size() noexcept;

} // namespace twill::os
