// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "profile/clock.hpp"
#include "profile/profile.hpp"
#include "trace/format.hpp"
#include "trace/records.hpp"

#include <cstddef>
#include <optional>
#include <span>

namespace twill::profile {

/// Takes the chunks that are not events into a profile.
class record_reader {
public:
    explicit record_reader(profile& into) noexcept : into_(into) {}

    /// False, with nothing taken, if the payload is not what a writer writes: it ends too early, a
    /// time is negative, sums would overflow.
    bool take(trace::chunk_type type, std::span<const std::byte> payload);

    [[nodiscard]] bool has_header() const noexcept { return has_header_; }
    [[nodiscard]] const tick_clock& clock() const noexcept { return clock_; }
    [[nodiscard]] const std::optional<trace::file_end>& end() const noexcept { return end_; }

private:
    bool take_header(std::span<const std::byte> payload);
    bool take_accounts(std::span<const std::byte> payload);
    bool take_threads(std::span<const std::byte> payload);
    bool take_kinds(std::span<const std::byte> payload);
    bool take_regions(std::span<const std::byte> payload);
    bool take_names(std::span<const std::byte> payload);
    bool take_runtimes(std::span<const std::byte> payload);
    bool take_responses(std::span<const std::byte> payload);
    bool take_hardware(std::span<const std::byte> payload);
    bool take_machine(std::span<const std::byte> payload);
    bool take_joules(std::span<const std::byte> payload);
    bool take_note(std::span<const std::byte> payload);
    bool take_clock(std::span<const std::byte> payload);
    bool take_end(std::span<const std::byte> payload);
    void thin_series();

    profile& into_;
    tick_clock clock_;
    std::optional<trace::file_end> end_;
    std::size_t workers_in_series_ = 0;
    std::size_t stride_ = 1; ///< every so-manieth of the accounts goes into the series
    std::size_t seen_ = 0;
    bool has_header_ = false;
};

} // namespace twill::profile
