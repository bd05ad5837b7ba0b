// SPDX-License-Identifier: Apache-2.0
#include "os/futex.hpp"

#include <cerrno>
#include <ctime>
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

// A fork that publishes runs these in the middle of a user's task, which may be between a system
// call of its own and its look at errno: they leave errno as it was.

namespace twill::inline abi_1::detail {
namespace {

const void* address_of(const atomic<std::uint32_t>& word) noexcept { return &word.raw(); }

} // namespace

void futex_wait(atomic<std::uint32_t>& word, std::uint32_t expected) noexcept {
    const int saved = errno;
    syscall(SYS_futex, address_of(word), FUTEX_WAIT_PRIVATE, expected, nullptr, nullptr, 0);
    errno = saved;
}

void futex_wake(atomic<std::uint32_t>& word, int count) noexcept {
    const int saved = errno;
    syscall(SYS_futex, address_of(word), FUTEX_WAKE_PRIVATE, count, nullptr, nullptr, 0);
    errno = saved;
}

void yield_slice() noexcept {
    const int saved = errno;
    sched_yield();
    errno = saved;
}

} // namespace twill::inline abi_1::detail

namespace twill::os {

void futex_wait_for(detail::atomic<std::uint32_t>& word, std::uint32_t expected,
                    std::int64_t nanoseconds) noexcept {
    const int saved = errno;
    constexpr std::int64_t second = 1'000'000'000;
    const timespec limit{static_cast<std::time_t>(nanoseconds / second),
                         static_cast<long>(nanoseconds % second)};
    syscall(SYS_futex, &word.raw(), FUTEX_WAIT_PRIVATE, expected, &limit, nullptr, 0);
    errno = saved;
}

} // namespace twill::os
