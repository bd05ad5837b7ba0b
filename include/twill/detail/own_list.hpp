// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// Does a list of jobs that was passed along belong to the running thread? Checked without NDEBUG.

#include "twill/detail/config.hpp"
#include "twill/detail/group.hpp"
#include "twill/detail/hot_state.hpp"
#include "twill/detail/job.hpp"

#include <cstdint>

namespace twill::inline abi_1::detail {

#if !defined(NDEBUG)

// A sanitizer may move local variables, and jobs with them, to the heap.
#if defined(__SANITIZE_ADDRESS__)
#define TWILL_FAKE_STACK 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TWILL_FAKE_STACK 1
#endif
#endif
#if defined(TWILL_FAKE_STACK)
extern "C" void* __asan_get_current_fake_stack(); // NOLINT(bugprone-reserved-identifier)
// NOLINTNEXTLINE(bugprone-reserved-identifier)
extern "C" void* __asan_addr_is_in_fake_stack(void* fake, const void* address, void** low,
                                              void** high);
#endif

/// Is that the running strand's list? On the thread's stack newer jobs have lower addresses, and
/// what is below this function's frame is gone; of a stack that the user brought along nothing is
/// known. An empty list is the same in every thread, and then no harm is done.
[[gnu::noinline]] inline bool is_own_list(const job* newest) noexcept {
    const hot_state& self = hot();
    const auto address = [](const void* of) { return reinterpret_cast<std::uintptr_t>(of); };
    const auto on_stack = [&](const void* at) {
        return address(at) >= self.stack_low && address(at) < self.stack_high;
    };
    if (outside()) {
        return false;
    }
    if (newest == nullptr || newest == self.tail) {
        return newest == self.tail;
    }
    const void* const frame = __builtin_frame_address(0);
    if (!on_stack(frame)) {
        return true;
    }
    if (!on_stack(newest)) {
#if defined(TWILL_FAKE_STACK)
        return __asan_addr_is_in_fake_stack(__asan_get_current_fake_stack(), newest, nullptr,
                                            nullptr) != nullptr;
#else
        return false;
#endif
    }
    return address(newest) > address(frame) &&
           (!on_stack(self.tail) || address(newest) < address(self.tail));
}

#endif

/// Ends the program where `newest` is not the end of the running strand's list.
TWILL_INLINE void check_own_list([[maybe_unused]] const job* newest) noexcept {
#if !defined(NDEBUG)
    if (!is_own_list(newest)) {
        misuse_slow(
            "an experimental::context is used outside of the callable that it was given to: "
            "by another thread, under a plain verb or in a blocking section");
    }
#endif
}

} // namespace twill::inline abi_1::detail
