// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "micro/samples.hpp"

#include <atomic>
#include <cstdint>
#include <thread>

namespace bench {

/// The unit of the cold side: two threads, one futex, and nothing of any runtime. A partner sleeps
/// in the kernel; wake() stores, wakes it and watches until it runs, as the parties of a wake
/// inside the runtime do.
class bare_wake {
public:
    bare_wake();
    ~bare_wake();
    bare_wake(const bare_wake&) = delete;
    bare_wake& operator=(const bare_wake&) = delete;

    /// One wake of the sleeping partner; returns what it took in nanoseconds. The partner is back
    /// at sleep some microseconds later.
    double wake(samples& into);

private:
    void partner() noexcept;

    std::atomic<std::uint32_t> signal_{0};
    std::atomic<std::uint64_t> ran_{0};
    std::atomic<bool> end_{false};
    std::thread thread_;
};

} // namespace bench
