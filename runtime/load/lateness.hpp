// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "twill/detail/atomic.hpp"

#include <cstdint>

namespace twill::load_model {

/// How often deadlines were missed, and by how much in all. A row of a table has one: the responses
/// one for each level, a table of regions one for each name. Any thread adds; relaxed.
class lateness {
public:
    /// `late_by`: nanoseconds; what is in time, zero or less, does not count.
    void add(std::int64_t late_by) noexcept {
        if (late_by > 0) {
            count_.fetch_add(1, detail::relaxed);
            sum_.fetch_add(static_cast<std::uint64_t>(late_by), detail::relaxed);
        }
    }

    /// What another one has.
    void add(const lateness& other) noexcept {
        count_.fetch_add(other.count(), detail::relaxed);
        sum_.fetch_add(other.sum(), detail::relaxed);
    }

    [[nodiscard]] std::uint64_t count() const noexcept { return count_.load(detail::relaxed); }
    [[nodiscard]] std::uint64_t sum() const noexcept { return sum_.load(detail::relaxed); }

private:
    detail::atomic<std::uint64_t> count_{0};
    detail::atomic<std::uint64_t> sum_{0};
};

} // namespace twill::load_model
