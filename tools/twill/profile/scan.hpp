// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "profile/input.hpp"
#include "trace/format.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace twill::profile {

/// Where the events of one chunk lie.
struct event_chunk {
    std::uint64_t offset = 0; ///< of its first word
    std::uint64_t first_tick = 0;
    std::uint32_t words = 0;
    trace::thread_of whose;
};

/// Of the events of one runtime.
struct event_sums {
    std::uint64_t count = 0; ///< words but `time` and `second`
    std::uint64_t dropped = 0;
    bool has_groups = false; ///< there are events `spawn`
};

/// What one pass over a file finds: all chunks are looked at, and their checks computed.
struct scan_result {
    std::vector<event_chunk> events;              ///< in the order of the file
    std::map<std::uint32_t, event_sums> runtimes; ///< by their numbers, 0 for the default one
    event_sums all;
    std::uint64_t chunks = 0; ///< whole ones, the end not counted
    std::uint64_t lost = 0;   ///< chunks whose numbers are missing
    bool has_end = false;
};

/// What is said to the reader of the report; a broken file says the same thing a thousand times.
class note_list {
public:
    explicit note_list(std::vector<std::string>& to) noexcept : to_(to) {}
    void add(std::string text);
    /// At the end: how many were not kept.
    void finish();

private:
    std::vector<std::string>& to_;
    std::size_t more_ = 0;
};

/// Goes over the chunks of a file from its prologue on. A chunk with a wrong check, and bytes that
/// are no chunk, are left out with a note; unknown types are too. `record` is called with each
/// whole chunk that is not of events: its type and payload. It returns false to say that
/// the payload is not what it should be, which gives a note. Throws std::system_error. Linear in
/// the size of the file whatever is in it; memory for one payload and for the event chunks.
scan_result scan(const input& file, note_list& notes,
                 const std::function<bool(trace::chunk_type, std::span<const std::byte>)>& record);

} // namespace twill::profile
