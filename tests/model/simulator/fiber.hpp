// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#if !defined(__x86_64__)
#include <ucontext.h>
#endif

namespace twill::model {

/// A stack of its own that can be switched to: what a virtual thread runs on. Everything happens on
/// one OS thread. A fiber that is left in the middle is simply started afresh later.
class fiber {
public:
    static constexpr std::size_t stack_size = std::size_t{256} << 10;

    fiber() = default;
    fiber(const fiber&) = delete;
    fiber& operator=(const fiber&) = delete;

    /// The next switch to it calls `entry`, which never returns.
    void start(void (*entry)());

    /// Leaves `from` where it stands and goes on in `to`.
    static void change(fiber& from, fiber& to) noexcept;

    /// Zero for the fiber that the OS thread came with.
    [[nodiscard]] std::uintptr_t low() const noexcept { return low_; }
    [[nodiscard]] std::uintptr_t high() const noexcept { return low_ == 0 ? 0 : low_ + stack_size; }

private:
#if defined(__x86_64__)
    void* stack_pointer_ = nullptr;
#else
    ucontext_t context_{};
#endif
    std::uintptr_t low_ = 0;
};

} // namespace twill::model
