// SPDX-License-Identifier: Apache-2.0
#include "profile/scan.hpp"

#include "trace/crc32c.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <unordered_map>

namespace twill::profile {

namespace {

using trace::chunk_header;
using trace::chunk_type;
using trace::event_type;

constexpr std::size_t most_notes = 50;
constexpr std::size_t piece_size = std::size_t{1} << 20;
constexpr std::size_t tick_size = 8;
constexpr std::size_t word_size = 8;

/// What the bytes of one chunk come to.
struct chunk_sums {
    bool whole = false; ///< the check is right
    std::uint64_t first_tick = 0;
    std::uint64_t events = 0;
    bool has_groups = false;
};

class scanner {
public:
    scanner(const input& file, note_list& notes)
        : file_(file), notes_(notes),
          piece_(static_cast<std::size_t>(std::min<std::uint64_t>(file.size(), piece_size))) {
        // What the search for a chunk may read: more than a broken file needs, and no more than
        // a file that is made to keep it busy gets.
        search_budget_ = 4 * file.size() + (std::uint64_t{1} << 20);
    }

    /// The next whole chunk at or after the place that has been reached; nothing at the end.
    struct chunk {
        std::uint64_t offset;
        chunk_header header;
        chunk_sums sums;
    };
    std::optional<chunk> next() {
        while (at_ < file_.size()) {
            const std::optional<chunk_header> header = header_at(at_);
            if (header && plausible(*header, at_)) {
                chunk found{at_, *header, sums_of(at_, *header)};
                if (found.sums.whole) {
                    at_ = end_of(found.offset, found.header);
                    return found;
                }
            }
            skip_broken(header);
        }
        return {};
    }

    [[nodiscard]] std::uint64_t position() const noexcept { return at_; }

private:
    std::optional<chunk_header> header_at(std::uint64_t offset) {
        std::byte bytes[trace::chunk_header_size];
        if (file_.read(offset, bytes) < sizeof bytes) {
            return {};
        }
        return trace::chunk_header_at(bytes);
    }

    static std::uint64_t end_of(std::uint64_t offset, const chunk_header& header) noexcept {
        return offset + trace::chunk_header_size + trace::padded(header.size);
    }

    [[nodiscard]] bool plausible(const chunk_header& header, std::uint64_t offset) const noexcept {
        return header.mark == trace::chunk_mark && header.size <= trace::largest_chunk &&
               end_of(offset, header) <= file_.size();
    }

    chunk_sums sums_of(std::uint64_t offset, const chunk_header& header) {
        chunk_sums sums;
        std::uint64_t at = offset + trace::checked_from;
        const std::uint64_t end = end_of(offset, header);
        std::uint32_t check = 0;
        const bool events = header.type == static_cast<std::uint16_t>(chunk_type::events);
        // The header first, so that the pieces after it are the payload.
        std::size_t wanted = trace::chunk_header_size - trace::checked_from;
        for (bool payload = false; at < end; payload = true) {
            const std::span<std::byte> piece = std::span(piece_).first(wanted);
            if (file_.read(at, piece) < wanted) {
                return sums; // the file has shrunk
            }
            check = trace::crc32c(piece, check);
            if (payload && events) {
                const bool first = at == offset + trace::chunk_header_size;
                count_words(first, piece, header.size, at - offset - trace::chunk_header_size,
                            sums);
            }
            at += wanted;
            wanted = static_cast<std::size_t>(std::min<std::uint64_t>(end - at, piece_.size()));
        }
        sums.whole = check == header.check;
        return sums;
    }

    /// `before`: bytes of the payload in front of the piece.
    static void count_words(bool first, std::span<const std::byte> piece, std::uint32_t size,
                            std::uint64_t before, chunk_sums& sums) noexcept {
        std::size_t k = 0;
        if (first && size >= tick_size) {
            sums.first_tick = trace::little_endian<std::uint64_t>(piece.data());
            k = tick_size;
        }
        const auto end = static_cast<std::size_t>(
            std::min<std::uint64_t>(piece.size(), size > before ? size - before : 0));
        std::uint64_t events = 0;
        unsigned groups = 0;
        for (; k + word_size <= end; k += word_size) {
            const event_type type =
                trace::type_of(trace::little_endian<std::uint64_t>(piece.data() + k));
            events += type != event_type::time && type != event_type::second ? 1 : 0;
            groups |= type == event_type::spawn ? 1 : 0;
        }
        sums.events += events;
        sums.has_groups = sums.has_groups || groups != 0;
    }

    /// From a place where no whole chunk begins to the next where one does.
    void skip_broken(const std::optional<chunk_header>& header) {
        const std::uint64_t from = at_;
        if (header && plausible(*header, from)) {
            // A wrong check, but what follows tells that the size is right.
            const std::uint64_t end = end_of(from, *header);
            const std::optional<chunk_header> after = header_at(end);
            if (end == file_.size() || (after && after->mark == trace::chunk_mark)) {
                notes_.add(fmt::format("at byte {}: a chunk with a wrong check is left out", from));
                at_ = end;
                return;
            }
        }
        const bool may_search = spend(header && plausible(*header, from) ? header->size : 0);
        at_ = may_search ? find_chunk(from + trace::chunk_alignment) : file_.size();
        if (at_ < file_.size()) {
            notes_.add(fmt::format("at byte {}: {} bytes that are no chunk are left out", from,
                                   at_ - from));
        } else if (gave_up_) {
            notes_.add(fmt::format("at byte {}: from here on the file is broken", from));
        } else {
            notes_.add(fmt::format("at byte {}: the last chunk is cut off; its {} bytes are left "
                                   "out",
                                   from, file_.size() - from));
        }
    }

    /// The first place from `from` on with a whole chunk, or the end of the file.
    std::uint64_t find_chunk(std::uint64_t from) {
        std::vector<std::byte> window(std::min(piece_.size(), std::size_t{1} << 16));
        for (std::uint64_t at = from; at < file_.size();) {
            const std::size_t count = file_.read(at, window);
            if (count < sizeof(std::uint32_t) || !spend(count)) {
                break;
            }
            std::size_t k = 0;
            for (; k + sizeof(std::uint32_t) <= count; k += trace::chunk_alignment) {
                if (trace::little_endian<std::uint32_t>(window.data() + k) != trace::chunk_mark) {
                    continue;
                }
                const std::optional<chunk_header> header = header_at(at + k);
                if (header && plausible(*header, at + k)) {
                    if (!spend(header->size)) {
                        return file_.size();
                    }
                    if (sums_of(at + k, *header).whole) {
                        return at + k;
                    }
                }
            }
            at += k;
        }
        return file_.size();
    }

    bool spend(std::uint64_t bytes) noexcept {
        gave_up_ = bytes > search_budget_;
        search_budget_ -= gave_up_ ? 0 : bytes;
        return !gave_up_;
    }

    const input& file_;
    note_list& notes_;
    std::vector<std::byte> piece_;
    std::uint64_t at_ = trace::prologue_size;
    std::uint64_t search_budget_ = 0;
    bool gave_up_ = false;
};

/// The numbers that the chunks of each thread come with, one after the other.
class sequence_check {
public:
    /// How many chunks are missing in front of this one; nothing if it has been there before.
    std::optional<std::uint64_t> missing(const chunk_header& header) {
        std::uint64_t& expected =
            header.thread > trace::largest_thread
                ? of_file_
                : of_tracks_[trace::thread_of(header.thread, header.runtime).track()];
        if (header.sequence < expected) {
            return {};
        }
        const std::uint64_t lost = header.sequence - expected;
        expected = std::uint64_t{header.sequence} + 1;
        return lost;
    }

private:
    std::unordered_map<std::uint32_t, std::uint64_t> of_tracks_;
    std::uint64_t of_file_ = 0;
};

} // namespace

void note_list::add(std::string text) {
    if (to_.size() < most_notes) {
        to_.push_back(std::move(text));
    } else {
        ++more_;
    }
}

void note_list::finish() {
    if (more_ > 0) {
        to_.push_back(fmt::format("{} more notes of this kind", more_));
        more_ = 0;
    }
}

scan_result scan(const input& file, note_list& notes,
                 const std::function<bool(chunk_type, std::span<const std::byte>)>& record) {
    scan_result result;
    scanner chunks(file, notes);
    sequence_check sequence;
    std::vector<std::byte> payload;
    while (const auto chunk = chunks.next()) {
        const chunk_header& header = chunk->header;
        const std::optional<std::uint64_t> missing = sequence.missing(header);
        if (!missing) {
            notes.add(fmt::format("at byte {}: a chunk that was there before is left out",
                                  chunk->offset));
            continue;
        }
        if (*missing > 0) {
            result.lost += *missing;
            notes.add(fmt::format("at byte {}: {} chunks before this one are missing",
                                  chunk->offset, *missing));
        }
        event_sums& of_runtime = result.runtimes[header.runtime];
        for (event_sums* const sums : {&result.all, &of_runtime}) {
            sums->dropped += header.dropped;
        }
        const auto type = static_cast<chunk_type>(header.type);
        if (type == chunk_type::events) {
            if (header.size < tick_size || header.size % word_size != 0 ||
                header.thread > trace::largest_thread) {
                ++result.lost;
                notes.add(fmt::format("at byte {}: a chunk of events with a bad size or thread is "
                                      "left out",
                                      chunk->offset));
                continue;
            }
            for (event_sums* const sums : {&result.all, &of_runtime}) {
                sums->count += chunk->sums.events;
                sums->has_groups = sums->has_groups || chunk->sums.has_groups;
            }
            result.events.push_back(
                {.offset = chunk->offset + trace::chunk_header_size + tick_size,
                 .first_tick = chunk->sums.first_tick,
                 .words = static_cast<std::uint32_t>((header.size - tick_size) / word_size),
                 .whose = {header.thread, header.runtime}});
        } else if (type > trace::last_chunk_type || header.type == 0) {
            notes.add(fmt::format("at byte {}: a chunk of unknown type {} is left out",
                                  chunk->offset, header.type));
        } else {
            payload.resize(header.size);
            const std::size_t count = file.read(chunk->offset + trace::chunk_header_size, payload);
            if (count < header.size || !record(type, payload)) {
                notes.add(fmt::format("at byte {}: a chunk of type {} says what cannot be and is "
                                      "left out",
                                      chunk->offset, header.type));
            }
        }
        if (type == chunk_type::end) {
            result.has_end = true;
            if (chunks.position() < file.size()) {
                notes.add(
                    fmt::format("at byte {}: what follows the end is left out", chunks.position()));
            }
            break;
        }
        ++result.chunks;
    }
    return result;
}

} // namespace twill::profile
