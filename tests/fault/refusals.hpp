// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

/// Calls of the system that fail as they do where it has nothing left to give. The functions are
/// defined in the program itself, which the linker and the loader prefer to those of the C library:
/// that counts over all threads, leaves the C library's own calls alone and tells a wait of a futex
/// from a wake, none of which strace does.
namespace refusals {

/// `text` is CALL:ERROR:FIRST:STEP: from the call number FIRST on (the first is 1) each STEP-th
/// fails, with STEP 0 that one alone. CALL is pthread_create, mmap, munmap, futex_wait,
/// sched_getaffinity, pthread_attr_setaffinity_np, or new, which throws. False: not such a rule.
bool add(std::string_view text);

/// From here on calls are counted.
void arm() noexcept;

/// How many calls have failed.
int count() noexcept;

/// The calls of this thread do not fail, and are not counted, while one of these lives: what the
/// program needs for itself.
class spared {
public:
    spared() noexcept;
    ~spared();
    spared(const spared&) = delete;
    spared& operator=(const spared&) = delete;
};

} // namespace refusals
