// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// A process that takes as much of one core as the kernel gives it.

#include <cstdint>
#include <sys/types.h>

namespace planted {

class spinner {
public:
    /// Returns once the process spins, on a core that this one may use, chosen by `number`. It
    /// ends with this object, or with the program, however that ends.
    /// Throws std::system_error if there is no process to be had.
    explicit spinner(std::uint64_t number);
    ~spinner();
    spinner(const spinner&) = delete;
    spinner& operator=(const spinner&) = delete;

private:
    pid_t process_;
};

} // namespace planted
