// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace twill::os {

/// Starts a detached thread that runs entry(argument). `name` is cut to 15 characters. The stack is
/// only reserved, with a guard area below it that is no part of `stack_size`. All signals are
/// blocked on it but those that a fault raises in the thread itself (SIGSEGV, SIGBUS, SIGFPE,
/// SIGILL, SIGABRT, SIGTRAP). False if the system has no thread or no memory to give; nothing has
/// then been started.
bool start_thread(const char* name, std::size_t stack_size, void (*entry)(void*),
                  void* argument) noexcept;

/// The stack size of the runtime's threads in bytes, a multiple of the page size: TWILL_STACK_SIZE
/// (64K to 64G), else RLIMIT_STACK kept within 2 to 8 MiB.
std::size_t default_stack_size() noexcept;

} // namespace twill::os
