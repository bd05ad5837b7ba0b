// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "os/thread.hpp"
#include "twill/detail/atomic.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <functional>

namespace twill::testing_support {

/// Runs `body` on a thread that os::start_thread() makes, and waits for its end.
inline void on_started_thread(const char* name, std::size_t stack_size,
                              const std::function<void()>& body) {
    struct shared {
        const std::function<void()>& body;
        detail::atomic<std::uint32_t> done{0};
    } task{body};
    const auto entry = [](void* argument) {
        auto& given = *static_cast<shared*>(argument);
        given.body();
        // The last touch: no wake, which would read the word of a frame that may be gone.
        given.done.store(1, detail::release);
    };
    ASSERT_EQ(os::start_thread({name, stack_size}, entry, &task).error, 0);
    while (task.done.load(detail::acquire) == 0) {
        detail::yield_slice();
    }
}

} // namespace twill::testing_support
