// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <iterator>
#include <thread>

namespace twill::testing_support {

inline std::size_t threads_of_this_process() {
    const std::filesystem::directory_iterator all("/proc/self/task");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// The same before a test makes any. A sanitizer has a thread of its own beside the first one.
inline std::size_t threads_at_first() {
    std::thread([] {}).join();
    return threads_of_this_process();
}

} // namespace twill::testing_support
