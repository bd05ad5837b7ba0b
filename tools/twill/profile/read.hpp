// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "profile/profile.hpp"
#include "trace/event.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

namespace twill::profile {

/// Reads a profile file: one pass for the chunks, and one over the events if there are any. What a
/// killed program, a full disk or a broken disk left is read as far as it is whole, and
/// profile::notes says what is missing. All texts are UTF-8 without control characters; no time is
/// negative, and sums over the workers fit a nanoseconds. Throws tool::file_error,
/// `file:byte: reason`, if the file cannot be read or is no profile file of this version.
/// Linear in its size; memory for the aggregates, some bytes for each chunk of events, and what
/// compute_dag() takes.
profile read(const std::string& path);
/// The same of bytes in memory; `name` stands for the path.
profile read(std::span<const std::byte> bytes, const std::string& name);

/// One event of a full record.
struct event {
    std::uint32_t thread = 0; ///< its number in its runtime
    nanoseconds time = 0;     ///< since the recording began
    trace::event_type type{}; ///< never time or second; may be one that is not known here
    std::uint32_t payload = 0;
    bool has_second = false;
    std::uint64_t second = 0;
    std::uint32_t runtime = 0; ///< 0: the default one
};

/// Calls `visit` with all events: by runtime, then by thread, and those of each in their order.
/// Errors and broken files as read(); what a broken file lacks is left out. Linear; constant memory
/// but for the list of chunks.
void for_each_event(const std::string& path, const std::function<void(const event&)>& visit);
void for_each_event(std::span<const std::byte> bytes, const std::string& name,
                    const std::function<void(const event&)>& visit);

} // namespace twill::profile
