// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "load/histogram.hpp"
#include "load/lateness.hpp"
#include "twill/detail/atomic.hpp"
#include "twill/load.hpp"

#include <cstdint>
#include <vector>

namespace twill::load_model {

/// From the submission of something to its end: the times of one runtime, by level. A submission
/// adds by two read-modify-writes, relaxed, and more only if it is late, fails or takes longer than
/// all before.
class response_table {
public:
    static constexpr std::uint32_t levels = 3;

    /// Something of `level` ends now. `submitted_at`: ticks; `due`: nanoseconds of CLOCK_MONOTONIC,
    /// which is read only if that is not no_deadline. Returns the lateness in nanoseconds, zero or
    /// less if it is in time.
    std::int64_t ended(std::uint32_t level, std::uint64_t submitted_at, std::int64_t due,
                       bool failed) noexcept;

    /// What ended() does, with the times in nanoseconds.
    void add(std::uint32_t level, std::uint64_t took, std::int64_t late_by, bool failed) noexcept;

    /// What another one has by now.
    void add(const response_table& other) noexcept;

    /// One for each level, or none if nothing has ended. Throws std::bad_alloc.
    [[nodiscard]] std::vector<response_load> read() const;

private:
    struct row {
        alignas(64) detail::atomic<std::uint64_t> sum{0};
        detail::atomic<std::uint64_t> longest{0};
        detail::atomic<std::uint64_t> errors{0};
        lateness late;
        histogram times;
    };
    row rows_[levels];
};

} // namespace twill::load_model
