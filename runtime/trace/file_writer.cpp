// SPDX-License-Identifier: Apache-2.0
#include "trace/file_writer.hpp"

#include "os/kept_errno.hpp"
#include "os/message.hpp"
#include "trace/codec.hpp"
#include "trace/crc32c.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <new>
#include <sys/stat.h>
#include <unistd.h>

namespace twill::trace {

namespace {

constexpr mode_t owner_only = 0600;
constexpr std::size_t tick_size = 8;
constexpr std::size_t word_size = 8;
constexpr std::size_t most_words = (largest_chunk - tick_size) / word_size;

/// Keeps a limit on the size of files from being a signal that ends the program: what it stops is
/// an error of write() then.
class without_file_size_signal {
public:
    without_file_size_signal() noexcept {
        ::sigemptyset(&signal_);
        ::sigaddset(&signal_, SIGXFSZ);
        ::pthread_sigmask(SIG_BLOCK, &signal_, &before_);
    }
    ~without_file_size_signal() {
        if (raised_ && ::sigismember(&before_, SIGXFSZ) == 0) {
            constexpr timespec at_once = {};
            ::sigtimedwait(&signal_, nullptr, &at_once);
        }
        ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    without_file_size_signal(const without_file_size_signal&) = delete;
    without_file_size_signal& operator=(const without_file_size_signal&) = delete;

    void was_raised() noexcept { raised_ = true; }

private:
    sigset_t signal_;
    sigset_t before_;
    bool raised_ = false;
};

/// What is there already may be open to others, as it was made, and hold what they wrote: empty,
/// and the owner's alone. A device stays as it is. 0, or an errno value.
int take_over(int file) noexcept {
    struct stat status = {};
    if (::fstat(file, &status) != 0) {
        return errno;
    }
    if (!S_ISREG(status.st_mode)) {
        return 0;
    }
    constexpr mode_t all_bits = 07777;
    if ((status.st_mode & all_bits) != owner_only && ::fchmod(file, owner_only) != 0) {
        return errno;
    }
    return ::ftruncate(file, 0) == 0 ? 0 : errno;
}

/// What counts as an event.
bool is_event(std::uint64_t word) noexcept {
    return type_of(word) != event_type::time && type_of(word) != event_type::second;
}

} // namespace

file_writer::~file_writer() { close(); }

bool file_writer::open(const char* path, const file_header& header,
                       existing_file existing) noexcept {
    const os::kept_errno kept;
    if (going()) {
        return false;
    }
    try {
        path_ = path;
        end_ = {};
        size_ = 0;
        sequences_.clear();
        sequence_of_file_ = 0;
    } catch (const std::bad_alloc&) {
        return give_up(ENOMEM);
    }
    const bool overwrites = existing == existing_file::overwrite;
    const int if_there = overwrites ? O_NOFOLLOW : O_EXCL; // O_EXCL follows no link either
    int file = -1;
    do {
        file = ::open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | if_there, owner_only);
    } while (file < 0 && errno == EINTR);
    if (file < 0) {
        return give_up(errno);
    }
    if (const int error = overwrites ? take_over(file) : 0; error != 0) {
        ::close(file); // as it was
        return give_up(error);
    }
    file_ = file;
    process_ = ::getpid();
    std::byte prologue[prologue_size];
    std::memcpy(prologue, magic.data(), magic.size());
    put_little_endian(prologue + magic.size(), format_version);
    put_little_endian(prologue + magic.size() + 4, byte_order_mark);
    return write_all(prologue) &&
           write_record(chunk_type::header, [&](encoder& to) { header_fields(to, header); });
}

bool file_writer::write_events(thread_of whose, std::uint64_t first_tick,
                               std::span<const std::uint64_t> words,
                               std::uint64_t dropped) noexcept {
    const os::kept_errno kept;
    while (going()) {
        const std::size_t taken = std::min(words.size(), most_words);
        try {
            begin_chunk(tick_size + taken * word_size);
        } catch (const std::bad_alloc&) {
            return give_up(ENOMEM);
        }
        put_little_endian(chunk_.data() + chunk_header_size, first_tick);
        std::byte* to = chunk_.data() + chunk_header_size + tick_size;
        std::uint64_t events = 0;
        std::uint64_t ticks = 0;
        for (const std::uint64_t word : words.first(taken)) {
            put_little_endian(to, word);
            to += word_size;
            events += is_event(word) ? 1 : 0;
            ticks += ticks_of(word);
        }
        if (!end_chunk(chunk_type::events, whose, dropped)) {
            return false;
        }
        end_.events += events;
        end_.dropped += dropped;
        if (taken == words.size()) {
            return true;
        }
        // The next chunk begins with the time of its first word.
        first_tick += ticks - ticks_of(words.front()) + ticks_of(words[taken]);
        words = words.subspan(taken);
        dropped = 0;
    }
    return false;
}

bool file_writer::write(const accounts& record) noexcept {
    return write_record(chunk_type::accounts, [&](encoder& to) { accounts_fields(to, record); });
}
bool file_writer::write(const thread_table& record) noexcept {
    return write_record(chunk_type::threads,
                        [&](encoder& to) { threads_fields(to, record.threads); });
}
bool file_writer::write(const kind_table& record) noexcept {
    return write_record(chunk_type::kinds, [&](encoder& to) { kinds_fields(to, record.kinds); });
}
bool file_writer::write(const region_table& record) noexcept {
    return write_record(chunk_type::regions,
                        [&](encoder& to) { regions_fields(to, record.regions); });
}
bool file_writer::write(const response_table& record) noexcept {
    return write_record(chunk_type::responses,
                        [&](encoder& to) { responses_fields(to, record.by_priority); });
}
bool file_writer::write(const name_table& record) noexcept {
    return write_record(chunk_type::names, [&](encoder& to) { names_fields(to, record); });
}
bool file_writer::write(const runtime_table& record) noexcept {
    return write_record(chunk_type::runtimes,
                        [&](encoder& to) { runtimes_fields(to, record.runtimes); });
}
bool file_writer::write(const energy& record) noexcept {
    return write_record(chunk_type::joules, [&](encoder& to) { to.real(record.joules); });
}
bool file_writer::write(const hardware& record) noexcept {
    return write_record(chunk_type::hardware, [&](encoder& to) { hardware_fields(to, record); });
}
bool file_writer::write(const machine& record) noexcept {
    return write_record(chunk_type::machine, [&](encoder& to) { machine_fields(to, record); });
}
bool file_writer::write(const note& record) noexcept {
    return write_record(chunk_type::note, [&](encoder& to) { to.text(record.text); });
}
bool file_writer::write(const clock_reading& record) noexcept {
    return write_record(chunk_type::clock, [&](encoder& to) { clock_fields(to, record); });
}

bool file_writer::finish(const clock_reading& clock) noexcept {
    const os::kept_errno kept;
    end_.clock = clock;
    if (!going() || !write_record(chunk_type::end, [&](encoder& to) { end_fields(to, end_); })) {
        return false;
    }
    // Some file systems tell only now that there was no room.
    const int file = file_;
    file_ = -1;
    if (::close(file) != 0 && errno != EINTR) {
        return give_up(errno);
    }
    return true;
}

template <class Fields>
bool file_writer::write_record(chunk_type type, Fields&& fields) noexcept {
    const os::kept_errno kept;
    if (!going()) {
        return false;
    }
    try {
        begin_chunk(0);
        encoder to(chunk_);
        fields(to);
    } catch (const std::bad_alloc&) {
        return give_up(ENOMEM);
    }
    return end_chunk(type, no_thread, 0);
}

void file_writer::begin_chunk(std::size_t payload) {
    chunk_.clear();
    chunk_.reserve(chunk_header_size + payload + chunk_alignment);
    chunk_.resize(chunk_header_size + payload);
}

bool file_writer::end_chunk(chunk_type type, thread_of whose, std::uint64_t dropped) noexcept {
    const std::size_t size = chunk_.size() - chunk_header_size;
    if (size > largest_chunk) {
        return give_up(EFBIG);
    }
    std::uint32_t* next = nullptr;
    try {
        chunk_.resize(chunk_header_size + padded(size));
        next = &sequence(whose);
    } catch (const std::bad_alloc&) {
        return give_up(ENOMEM);
    }
    chunk_header header{.mark = chunk_mark,
                        .check = 0,
                        .size = static_cast<std::uint32_t>(size),
                        .type = static_cast<std::uint16_t>(type),
                        .runtime = static_cast<std::uint16_t>(whose.runtime),
                        .thread = whose.thread,
                        .sequence = *next,
                        .dropped = dropped};
    put(chunk_.data(), header);
    header.check = crc32c(std::span(chunk_).subspan(checked_from));
    put(chunk_.data(), header);
    if (!write_all(chunk_)) {
        return false;
    }
    ++*next;
    ++end_.chunks;
    return true;
}

std::uint32_t& file_writer::sequence(thread_of whose) {
    return whose.thread > largest_thread ? sequence_of_file_ : sequences_[whose.track()];
}

bool file_writer::write_all(std::span<const std::byte> bytes) noexcept {
    if (::getpid() != process_) {
        return false; // a child shares the file's position with its parent
    }
    without_file_size_signal no_signal;
    std::span<const std::byte> left = bytes;
    while (!left.empty()) {
        const ssize_t written = ::write(file_, left.data(), left.size());
        if (written > 0) {
            left = left.subspan(static_cast<std::size_t>(written));
        } else if (written == 0 || errno != EINTR) {
            const int error = written == 0 ? ENOSPC : errno;
            if (error == EFBIG) {
                no_signal.was_raised();
            }
            return give_up(error);
        }
    }
    size_ += bytes.size();
    return true;
}

void file_writer::leave_to_parent() noexcept {
    const os::kept_errno kept;
    close();
}

bool file_writer::give_up(int error) noexcept {
    error_ = error;
    if (file_ >= 0) {
        // The part of a chunk that was written goes away, where the file allows it.
        [[maybe_unused]] const int cut = ::ftruncate(file_, static_cast<off_t>(size_));
    }
    os::say("twill: recording ends: %s: %s\n", path_.c_str(), os::reason(error).text);
    close();
    return false;
}

void file_writer::close() noexcept {
    if (file_ >= 0) {
        ::close(file_);
        file_ = -1;
    }
}

} // namespace twill::trace
