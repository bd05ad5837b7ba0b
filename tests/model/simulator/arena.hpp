// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

/// \file
/// What the code under test allocates comes out of one arena that starts afresh with each
/// execution: the same schedule then sees the same addresses, nothing leaks from threads that are
/// left behind asleep, and an address is never used twice within an execution.

namespace twill::model {

/// While it lives, operator new on this OS thread serves the simulator and not the code under test.
class outside_arena {
public:
    outside_arena() noexcept;
    ~outside_arena();
    outside_arena(const outside_arena&) = delete;
    outside_arena& operator=(const outside_arena&) = delete;

private:
    bool before_;
};

/// From now on operator new takes from the arena.
void enter_arena() noexcept;

void reset_arena() noexcept;
bool in_arena(const void* address) noexcept;
/// The bytes from the start of the arena to `address`.
std::size_t arena_offset(const void* address) noexcept;

} // namespace twill::model
