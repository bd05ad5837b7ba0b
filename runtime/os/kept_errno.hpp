// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cerrno>

namespace twill::os {

/// Puts errno back at the end of a scope: what runs in the middle of a user's task does not touch
/// what a system call of the task has left.
class kept_errno {
public:
    kept_errno() noexcept = default;
    ~kept_errno() { errno = value_; }
    kept_errno(const kept_errno&) = delete;
    kept_errno& operator=(const kept_errno&) = delete;

private:
    int value_ = errno;
};

} // namespace twill::os
