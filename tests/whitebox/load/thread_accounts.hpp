// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// A thread's account with two places, and what a thread does to its time.

#include "load/thread_account.hpp"
#include "load/ticks.hpp"
#include "os/clock.hpp"

#include <cstdint>
#include <ctime>
#include <memory>
#include <pthread.h>
#include <sched.h>

namespace twill::load_model::testing {

using role = thread_account::role;

struct accounts {
    std::unique_ptr<place_account[]> places = std::make_unique<place_account[]>(2);
    load_source source;
    thread_account thread;
    explicit accounts(role as) {
        source.open(2, 2, places.get());
        thread.attach(source, as);
    }
    ~accounts() { thread.detach(); }
    accounts(const accounts&) = delete;
    accounts& operator=(const accounts&) = delete;

    [[nodiscard]] place_reading now(int place) const {
        place_reading reading = source.place(place).read();
        reading.extend_to(os::ticks());
        return reading;
    }
    /// Run delay that was charged to useful time on place 0.
    [[nodiscard]] std::int64_t delayed() const {
        return static_cast<std::int64_t>(places[0].delayed(activity::useful));
    }
    [[nodiscard]] std::uint64_t count(int place, counter what) const {
        return source.place(place).read().counts[static_cast<std::size_t>(what)];
    }
};

inline std::int64_t own_cpu() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

/// Computes for so long on the thread's own CPU clock.
inline void burn(std::int64_t nanoseconds) {
    const std::int64_t end = own_cpu() + nanoseconds;
    while (own_cpu() < end) {
        for (int k = 0; k < 500; ++k) {
            twill::detail::pause();
        }
    }
}

inline void burn_without_system_calls(std::int64_t for_nanoseconds) {
    const std::uint64_t end = os::ticks() + ticks_of(for_nanoseconds);
    while (os::ticks() < end) {
    }
}

/// Puts the calling thread on one core of those that it may use.
inline bool pin_to_first_core() {
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) {
        return false;
    }
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
        if (CPU_ISSET(cpu, &allowed)) {
            cpu_set_t one;
            CPU_ZERO(&one);
            CPU_SET(cpu, &one);
            return pthread_setaffinity_np(pthread_self(), sizeof one, &one) == 0;
        }
    }
    return false;
}

constexpr std::int64_t millisecond = 1'000'000;

} // namespace twill::load_model::testing
