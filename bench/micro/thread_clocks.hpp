// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <ctime>
#include <vector>

namespace bench {

/// What the kernel counts about all threads of this process but the caller: an account that the
/// runtime under test has no part in.
class other_threads {
public:
    /// Lists the threads there are now.
    other_threads();

    /// Their CPU time so far, in nanoseconds, running ones up to this instant.
    [[nodiscard]] std::uint64_t cpu_ns() const noexcept;
    /// How often they have been switched out so far, for whatever reason: a thread that sleeps
    /// through is not.
    [[nodiscard]] long switches() const;
    [[nodiscard]] std::size_t count() const noexcept { return threads_.size(); }

private:
    std::vector<int> threads_;
};

} // namespace bench
