// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <thread>

namespace twill::testing_support {

/// How long a test waits for what must come: the machine may be busy with something else.
inline constexpr std::chrono::seconds patience{60};

/// Waits, without a poll, until `condition` holds. False after `patience`.
template <class Condition>
bool eventually(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        std::this_thread::yield();
    }
    return true;
}

} // namespace twill::testing_support
