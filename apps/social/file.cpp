// SPDX-License-Identifier: Apache-2.0
#include "file.hpp"

#include "input_error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <zlib.h>

namespace social {
namespace {

[[noreturn]] void fail_with(const std::string& name, int error) {
    throw input_error(fmt::format("{}: {}", name, std::generic_category().message(error)));
}

/// Closes the descriptor at the end of a block.
class descriptor {
public:
    explicit descriptor(int number) noexcept : number_(number) {}
    ~descriptor() {
        if (number_ > STDERR_FILENO) {
            ::close(number_);
        }
    }
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    [[nodiscard]] int number() const noexcept { return number_; }

private:
    int number_;
};

} // namespace

std::string shown_name(const std::string& path) {
    return path == standard_stream ? "standard input" : path;
}

std::string read_file(const std::string& path) {
    const std::string name = shown_name(path);
    const descriptor file(path == standard_stream ? STDIN_FILENO
                                                  : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.number() < 0) {
        fail_with(name, errno);
    }
    struct stat about = {};
    const bool sized = ::fstat(file.number(), &about) == 0 && S_ISREG(about.st_mode);
    constexpr std::size_t least = std::size_t{1} << 16;
    // One byte more than the file has shows its end without another growth.
    std::string bytes(std::max(least, sized ? static_cast<std::size_t>(about.st_size) + 1 : 0),
                      '\0');
    std::size_t size = 0;
    for (;;) {
        if (size == bytes.size()) {
            bytes.resize(2 * size);
        }
        const ssize_t got = ::read(file.number(), bytes.data() + size, bytes.size() - size);
        if (got == 0) {
            break;
        }
        if (got > 0) {
            size += static_cast<std::size_t>(got);
        } else if (errno != EINTR) {
            fail_with(name, errno);
        }
    }
    bytes.resize(size);
    return bytes;
}

output_file::output_file(const std::string& path)
    : name_(path == standard_stream ? "standard output" : path) {
    // close() closes what it has opened, so standard output is given to it as a duplicate.
    const int number = path == standard_stream
                           ? ::dup(STDOUT_FILENO)
                           : ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (number < 0) {
        fail_with(name_, errno);
    }
    stream_ = ::gzdopen(number, path.ends_with(".gz") ? "wb9" : "wbT");
    if (stream_ == nullptr) {
        ::close(number);
        fail_with(name_, ENOMEM);
    }
}

output_file::~output_file() {
    if (stream_ != nullptr) {
        ::gzclose(stream_);
    }
}

void output_file::write(std::string_view text) {
    constexpr std::size_t most = std::size_t{1} << 30; // gzwrite takes an unsigned
    while (!text.empty()) {
        const std::string_view part = text.substr(0, most);
        errno = 0;
        if (::gzwrite(stream_, part.data(), static_cast<unsigned>(part.size())) == 0) {
            fail(errno);
        }
        text.remove_prefix(part.size());
    }
}

void output_file::close() {
    gzFile_s* const stream = stream_;
    stream_ = nullptr;
    errno = 0;
    if (::gzclose(stream) != Z_OK) {
        fail(errno);
    }
}

void output_file::fail(int error) const { fail_with(name_, error != 0 ? error : EIO); }

void check_printed(std::FILE* stream, const std::string& name) {
    errno = 0;
    if (std::fflush(stream) != 0 || std::ferror(stream) != 0) {
        fail_with(name, errno != 0 ? errno : EIO);
    }
}

} // namespace social
