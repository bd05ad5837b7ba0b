// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// Stands before runtime/sched/waiting.hpp on the include path. Notes for the watchdog order
/// nothing, so the explorer leaves them out.

#include "sched/waits_for.hpp"

namespace twill::sched {

class scheduler;

constexpr bool watched() noexcept { return false; }

class wait_note {
public:
    void begin(waits_for /*what*/, const void* /*object*/ = nullptr) noexcept {}
    void end() noexcept {}
    const void* runs(const void* /*submission*/) noexcept { return nullptr; }
    void belongs_to_caller() noexcept {}
};

class outside_wait {
public:
    outside_wait(scheduler* /*in*/, waits_for /*what*/, const void* /*object*/ = nullptr) noexcept {
    }
    ~outside_wait() {} // NOLINT: a scope, as the real one
};

struct watch_state {};

} // namespace twill::sched
