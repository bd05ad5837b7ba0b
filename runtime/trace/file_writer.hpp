// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "trace/format.hpp"
#include "trace/records.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace twill::trace {

/// What may become of a file that is there already.
enum class existing_file : bool { refuse, overwrite };

/// Writes a profile file, one chunk by one write(), so that what a killed program leaves is whole
/// up to its last chunk or the one before.
///
/// The first error (a full disk, a limit on the size of files, no memory) ends the recording: one
/// line on stderr that names the file and the reason, the file is closed after its last whole
/// chunk, and everything returns false from then on. The program goes on.
///
/// One thread at a time. After fork() the child may only destroy it: it writes nothing then.
class file_writer {
public:
    file_writer() noexcept = default;
    /// Closes the file; without finish() it has no end, and readers say so.
    ~file_writer();
    file_writer(const file_writer&) = delete;
    file_writer& operator=(const file_writer&) = delete;

    /// Creates `path` with mode 0600, closed on exec, and writes the header. Refuses a path that
    /// exists, a link included, unless told to overwrite; then a file becomes empty and gets that
    /// mode before anything is in it, and a link is refused all the same. False, and the line on
    /// stderr, if that does not work. Once for each object, unless it was refused.
    bool open(const char* path, const file_header& header,
              existing_file existing = existing_file::refuse) noexcept;

    /// True from a successful open() to finish() or the first error.
    [[nodiscard]] bool going() const noexcept { return file_ >= 0; }

    /// Events of one thread in their order, in chunks as large as is good. `first_tick` is the
    /// absolute time of the first word, whose own ticks do not count. `dropped`: events of this
    /// thread that were lost since the call before, that is in front of these. No words, but
    /// something dropped, is a chunk too. A `second` may come in a later call than the event that
    /// it belongs to.
    bool write_events(thread_of whose, std::uint64_t first_tick,
                      std::span<const std::uint64_t> words, std::uint64_t dropped) noexcept;

    bool write(const accounts& record) noexcept;
    bool write(const thread_table& record) noexcept;
    bool write(const kind_table& record) noexcept;
    bool write(const region_table& record) noexcept;
    bool write(const response_table& record) noexcept;
    bool write(const name_table& record) noexcept;
    bool write(const runtime_table& record) noexcept;
    bool write(const energy& record) noexcept;
    bool write(const hardware& record) noexcept;
    bool write(const machine& record) noexcept;
    bool write(const note& record) noexcept;
    bool write(const clock_reading& record) noexcept;

    /// Writes the end with a reading of the clocks, and closes the file. True if all of it is
    /// written.
    bool finish(const clock_reading& clock) noexcept;

    /// The errno value of the first error, 0 without one.
    [[nodiscard]] int error() const noexcept { return error_; }

    /// In the child of a fork(), in which nobody else touches this any more: lets go of the file.
    void leave_to_parent() noexcept;

    /// What has been written so far, in bytes.
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

private:
    template <class Fields>
    bool write_record(chunk_type type, Fields&& fields) noexcept;
    void begin_chunk(std::size_t payload);
    bool end_chunk(chunk_type type, thread_of whose, std::uint64_t dropped) noexcept;
    bool write_all(std::span<const std::byte> bytes) noexcept;
    bool give_up(int error) noexcept;
    void close() noexcept;
    std::uint32_t& sequence(thread_of whose);

    int file_ = -1;
    int process_ = 0;
    int error_ = 0;
    std::uint64_t size_ = 0;
    file_end end_;
    std::string path_;
    std::vector<std::byte> chunk_;                               ///< the one that is being made
    std::unordered_map<std::uint32_t, std::uint32_t> sequences_; ///< the next of each track
    std::uint32_t sequence_of_file_ = 0;                         ///< the next of no_thread
};

} // namespace twill::trace
