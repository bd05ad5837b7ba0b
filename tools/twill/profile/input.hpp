// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace twill::profile {

/// The bytes of a file, or of memory that outlives this. A file that shrinks while it is read ends
/// where it ends then; nothing is mapped.
class input {
public:
    /// Throws std::system_error if the file cannot be opened, std::invalid_argument if it is a pipe
    /// or the like.
    explicit input(const std::string& path);
    explicit input(std::span<const std::byte> bytes) noexcept
        : bytes_(bytes), size_(bytes.size()) {}
    ~input();
    input(const input&) = delete;
    input& operator=(const input&) = delete;

    /// As it was at the beginning.
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
    /// Reads what there is from `offset` on into `to`, all of it but at the end of the file; gives
    /// how many bytes that was. Throws std::system_error.
    std::size_t read(std::uint64_t offset, std::span<std::byte> to) const;

private:
    int file_ = -1;
    std::span<const std::byte> bytes_;
    std::uint64_t size_ = 0;
};

} // namespace twill::profile
