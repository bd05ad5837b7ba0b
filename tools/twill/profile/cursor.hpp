// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "profile/input.hpp"
#include "profile/scan.hpp"
#include "trace/format.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace twill::profile {

/// An event with its time and its second word.
struct timed_event {
    std::uint64_t tick = 0;
    std::uint64_t second = 0;
    std::uint32_t payload = 0;
    trace::event_type type = trace::event_type::none;
    bool has_second = false;
};

/// Walks over the events of some chunks of one thread, in their order; it reads piece by piece.
class event_cursor {
public:
    event_cursor() = default;
    /// Both outlive the cursor.
    event_cursor(const input& file, std::span<const event_chunk> chunks) noexcept
        : file_(&file), chunks_(chunks) {}

    /// False at the end. Throws std::system_error.
    bool next(timed_event& to) {
        std::uint64_t word = 0;
        do {
            if (!look(word)) {
                return false;
            }
            take(word);
        } while (trace::type_of(word) == trace::event_type::time ||
                 trace::type_of(word) == trace::event_type::second);
        to = {.tick = tick_,
              .second = 0,
              .payload = trace::payload_of(word),
              .type = trace::type_of(word),
              .has_second = false};
        if (look(word) && trace::type_of(word) == trace::event_type::second) {
            to.second = trace::wide_of(word);
            to.has_second = true;
            take(word);
        }
        return true;
    }

private:
    /// The next word, which stays the next one.
    bool look(std::uint64_t& word) {
        if (at_ == bytes_.size() && !fill()) {
            return false;
        }
        word = trace::little_endian<std::uint64_t>(bytes_.data() + at_);
        return true;
    }
    void take(std::uint64_t word) noexcept {
        tick_ = first_ ? first_tick_ : tick_ + trace::ticks_of(word);
        first_ = false;
        at_ += sizeof word;
    }
    bool fill();

    const input* file_ = nullptr;
    std::span<const event_chunk> chunks_;
    std::size_t chunk_ = 0;  ///< the one that is read
    std::uint32_t word_ = 0; ///< how many of its words have been read
    std::vector<std::byte> bytes_;
    std::size_t at_ = 0;
    std::uint64_t tick_ = 0;
    std::uint64_t first_tick_ = 0;
    bool first_ = false; ///< the next word is the first of its chunk
};

} // namespace twill::profile
