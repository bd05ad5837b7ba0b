// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

/// \file
/// What simulated atomics, futexes and pauses call: each is one step of the running virtual thread.
/// Outside of an execution (while a test sets something up) they act on plain memory.

namespace twill::model {

/// A simulated word: where it lies and how many bytes it has.
struct cell {
    void* address;
    std::uint32_t size;
};

enum class modification : std::uint8_t { exchange, add, subtract, bit_or, bit_and };

std::uint64_t load(cell word, std::memory_order order);
void store(cell word, std::uint64_t value, std::memory_order order);
std::uint64_t modify(cell word, modification what, std::uint64_t operand, std::memory_order order);
/// `weak` may fail for no reason. On failure `expected` takes what was found.
bool compare_exchange(cell word, std::uint64_t& expected, std::uint64_t desired,
                      std::memory_order success, std::memory_order failure, bool weak);

/// A word begins or ends to exist; touching it after that is an error.
void word_created(cell word) noexcept;
void word_destroyed(cell word) noexcept;
/// Does the address lie on the stack of a virtual thread? Words there start with any value.
bool on_virtual_stack(const void* address) noexcept;

void wait_on_futex(cell word, std::uint32_t expected);
void wake_futex(cell word, int count);
void spin_once();
std::uint64_t now();
void* thread_storage() noexcept;

} // namespace twill::model
