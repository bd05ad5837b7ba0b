// SPDX-License-Identifier: Apache-2.0
#include "profile/input.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <stdexcept>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace twill::profile {

input::input(const std::string& path) {
    // Without O_NONBLOCK a pipe would wait for its writer.
    file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file_ < 0) {
        throw std::system_error(errno, std::generic_category());
    }
    struct stat status = {};
    const int error = ::fstat(file_, &status) != 0 ? errno : S_ISDIR(status.st_mode) ? EISDIR : 0;
    if (error != 0 || !S_ISREG(status.st_mode)) {
        ::close(file_);
        if (error == 0) {
            throw std::invalid_argument("not a regular file");
        }
        throw std::system_error(error, std::generic_category());
    }
    size_ = static_cast<std::uint64_t>(status.st_size);
}

input::~input() {
    if (file_ >= 0) {
        ::close(file_);
    }
}

std::size_t input::read(std::uint64_t offset, std::span<std::byte> to) const {
    const std::uint64_t left = offset < size_ ? size_ - offset : 0;
    to = to.first(static_cast<std::size_t>(std::min<std::uint64_t>(left, to.size())));
    if (to.empty()) {
        return 0;
    }
    if (file_ < 0) {
        std::memcpy(to.data(), bytes_.data() + offset, to.size());
        return to.size();
    }
    std::size_t done = 0;
    while (done < to.size()) {
        const ssize_t count =
            ::pread(file_, to.data() + done, to.size() - done, static_cast<off_t>(offset + done));
        if (count > 0) {
            done += static_cast<std::size_t>(count);
        } else if (count == 0) {
            break;
        } else if (errno != EINTR) {
            throw std::system_error(errno, std::generic_category());
        }
    }
    return done;
}

} // namespace twill::profile
