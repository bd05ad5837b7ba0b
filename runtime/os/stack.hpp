// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace twill::os {

/// The addresses [low, high) that a thread's stack may use, its guard area left out.
struct stack_bounds {
    std::uintptr_t low;
    std::uintptr_t high;
    [[nodiscard]] std::size_t size() const noexcept { return high - low; }
};

/// The bounds of the calling thread's stack; zeros if the system does not tell. Some microseconds
/// (for the main thread some tens): call it once a thread.
stack_bounds current_stack() noexcept;

/// Ends the program with one line on stderr that names the worker, the size of its stack and
/// TWILL_STACK_SIZE. Async-signal-safe. `worker` is -1 outside of every place.
[[noreturn]] void stack_overflow(int worker, std::size_t stack_size) noexcept;

/// Takes SIGSEGV and SIGBUS, once per process: a fault in the guard area of a registered thread's
/// stack ends in stack_overflow(); every other one is passed on to the handler that was there
/// before, the default action included. Thread-safe; later calls do nothing, also
/// while the first is at it.
void install_overflow_handler() noexcept;

/// Makes the calling thread's stack one that the handler knows, and gives the thread an alternate
/// signal stack unless it has one. `worker` is called in the handler, so it must be
/// async-signal-safe. False, with nothing changed, if the bounds or the memory are not to be had.
/// Once a thread, on the thread itself; unregister_overflow_stack() before it ends.
bool register_overflow_stack(int (*worker)() noexcept) noexcept;

/// Undoes register_overflow_stack() on the calling thread; nothing to do is fine.
void unregister_overflow_stack() noexcept;

} // namespace twill::os
