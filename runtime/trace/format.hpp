// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// The layout of a profile file (.twl); README.md has it byte by byte. Little endian whatever the
/// host.

#include "trace/event.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace twill::trace {

/// The first bytes of a file: the high bit, the end of a line in both customs and the end of file
/// of old systems are what a transfer as text destroys.
constexpr std::array<unsigned char, 8> magic = {0x93, 'T', 'W', 'L', '\r', '\n', 0x1a, '\n'};
/// Goes up when an old reader would misunderstand a new file. New types of chunks and events, and
/// fields at the end of a chunk, do not need that.
constexpr std::uint32_t format_version = 3;
/// The oldest that is read. In version 1 no event has the number of a kind or a region; up to
/// version 2 all events are of the default runtime.
constexpr std::uint32_t oldest_version = 1;
constexpr std::uint32_t byte_order_mark = 0x01020304;
/// magic, version, byte order mark.
constexpr std::size_t prologue_size = 16;

/// What a chunk holds. Numbers are never used again; a reader skips those that it does not know.
enum class chunk_type : std::uint16_t {
    header = 1,    ///< file_header; the first chunk of a file, once
    events = 2,    ///< of one thread: tick of the first event (8 bytes), then the words
    accounts = 3,  ///< accounts: cumulative; all of them make the series
    kinds = 4,     ///< kinds: cumulative, the last one counts
    regions = 5,   ///< regions: cumulative, the last one counts
    responses = 6, ///< responses: cumulative, the last one counts
    joules = 7,    ///< joules: cumulative, the last one counts
    note = 8,      ///< note: a line for the reader of the report; all count
    clock = 9,     ///< clock_reading: both clocks at one instant; the last one counts
    end = 10,      ///< file_end: the file is complete
    names = 11,    ///< name_table: of numbers in the events behind it; all count
    runtimes = 12, ///< runtime_table: those beside the default one; cumulative, the last one counts
    threads = 13,  ///< thread_table: cumulative, the last one counts
    hardware = 14, ///< hardware: cumulative, the last one counts
    machine = 15,  ///< machine: which program ran where; the last one counts
};

constexpr chunk_type last_chunk_type = chunk_type::machine;

/// Stands in front of each chunk. After the payload come zeros up to a multiple of 8 bytes.
struct chunk_header {
    std::uint32_t mark = 0; ///< chunk_mark
    std::uint32_t check =
        0;                  ///< CRC32C of all bytes after this field, the zeros at the end included
    std::uint32_t size = 0; ///< of the payload, in bytes, at most largest_chunk
    std::uint16_t type = 0; ///< a chunk_type
    std::uint16_t runtime = 0;  ///< whose thread it is, by its number in runtimes; 0: default one
    std::uint32_t thread = 0;   ///< whose chunk it is: at most largest_thread, or no_thread
    std::uint32_t sequence = 0; ///< of the chunks of this thread, from 0; no_thread counts as one
    std::uint64_t dropped = 0;  ///< events of the thread lost since its chunk before
};

constexpr std::uint32_t largest_runtime = 0xffff;

/// A thread of one of the runtimes.
struct thread_of {
    std::uint32_t thread = 0;  ///< in its runtime, at most largest_thread; or no_thread
    std::uint32_t runtime = 0; ///< at most largest_runtime

    constexpr thread_of(std::uint32_t number, std::uint32_t of = 0) noexcept // NOLINT: of default
        : thread(number), runtime(of) {}

    /// One number for both, that of the thread in the default runtime; not for no_thread.
    [[nodiscard]] constexpr std::uint32_t track() const noexcept {
        return runtime << thread_bits | thread;
    }
};

constexpr std::uint32_t chunk_mark = 0x4b4e4843; // "CHNK"
constexpr std::uint32_t no_thread = 0xffffffff;
constexpr std::size_t chunk_header_size = 32;
/// Where in a chunk the bytes begin that the check covers.
constexpr std::size_t checked_from = 8;
constexpr std::uint32_t largest_chunk = std::uint32_t{1} << 26;
constexpr std::size_t chunk_alignment = 8;

/// The bytes of a payload with its padding.
constexpr std::size_t padded(std::size_t size) noexcept {
    return (size + (chunk_alignment - 1)) / chunk_alignment * chunk_alignment;
}

/// Numbers as they lie in a file.
template <class Number>
void put_little_endian(std::byte* to, Number value) noexcept {
    for (std::size_t k = 0; k < sizeof value; ++k) {
        to[k] = static_cast<std::byte>(static_cast<std::uint64_t>(value) >> (8 * k));
    }
}

template <class Number>
[[nodiscard]] Number little_endian(const std::byte* from) noexcept {
    if constexpr (std::endian::native == std::endian::little) {
        Number value;
        std::memcpy(&value, from, sizeof value);
        return value;
    } else {
        std::uint64_t value = 0;
        for (std::size_t k = 0; k < sizeof(Number); ++k) {
            value |= static_cast<std::uint64_t>(from[k]) << (8 * k);
        }
        return static_cast<Number>(value);
    }
}

/// Writes `header` to the chunk_header_size bytes at `to`.
void put(std::byte* to, const chunk_header& header) noexcept;
/// The chunk_header_size bytes at `from`, whatever they are.
[[nodiscard]] chunk_header chunk_header_at(const std::byte* from) noexcept;

} // namespace twill::trace
