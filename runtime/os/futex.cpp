// SPDX-License-Identifier: Apache-2.0
#include "os/futex.hpp"

#include "os/clock.hpp"
#include "os/kept_errno.hpp"
#include "twill/detail/atomic.hpp"

#include <cerrno>
#include <ctime>
#include <limits>
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
    const os::kept_errno kept;
    syscall(SYS_futex, address_of(word), FUTEX_WAIT_PRIVATE, expected, nullptr, nullptr, 0);
}

void futex_wake(atomic<std::uint32_t>& word, int count) noexcept {
    const os::kept_errno kept;
    syscall(SYS_futex, address_of(word), FUTEX_WAKE_PRIVATE, count, nullptr, nullptr, 0);
}

void yield_slice() noexcept {
    const os::kept_errno kept;
    sched_yield();
}

} // namespace twill::inline abi_1::detail

namespace twill::os {

namespace {

constexpr std::uint64_t nanoseconds_per_second = 1'000'000'000;

} // namespace

std::uint64_t deadline_after(std::uint64_t nanoseconds) noexcept {
    const auto since = static_cast<std::uint64_t>(monotonic_nanoseconds());
    constexpr auto latest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    return nanoseconds < latest - since ? since + nanoseconds : latest;
}

bool futex_wait_until(detail::atomic<std::uint32_t>& word, std::uint32_t expected,
                      std::uint64_t deadline) noexcept {
    const kept_errno kept;
    const timespec until{static_cast<time_t>(deadline / nanoseconds_per_second),
                         static_cast<long>(deadline % nanoseconds_per_second)};
    // This form takes an instant, so that a wait that begins again does not grow.
    const bool late = syscall(SYS_futex, &word.raw(), FUTEX_WAIT_BITSET_PRIVATE, expected, &until,
                              nullptr, FUTEX_BITSET_MATCH_ANY) != 0 &&
                      errno == ETIMEDOUT;
    return !late;
}

void futex_wait_for(detail::atomic<std::uint32_t>& word, std::uint32_t expected,
                    std::uint64_t nanoseconds) noexcept {
    futex_wait_until(word, expected, deadline_after(nanoseconds));
}

} // namespace twill::os
