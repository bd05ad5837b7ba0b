// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

struct gzFile_s; // NOLINT(readability-identifier-naming): the name is of zlib

namespace social {

/// Stands for standard input and standard output on the command line.
inline constexpr std::string_view standard_stream = "-";

/// What to call the file in messages.
[[nodiscard]] std::string shown_name(const std::string& path);

/// The bytes of a file. Throws input_error.
[[nodiscard]] std::string read_file(const std::string& path);

/// A file that is written from begin to end, through gzip if its name ends in ".gz". The same bytes
/// for the same input.
class output_file {
public:
    /// Throws input_error.
    explicit output_file(const std::string& path);
    /// Without close() before, what has been written may be incomplete.
    ~output_file();
    output_file(const output_file&) = delete;
    output_file& operator=(const output_file&) = delete;

    /// Throws input_error, as when the disk is full.
    void write(std::string_view text);
    /// Writes what is still held back. Throws input_error.
    void close();

private:
    [[noreturn]] void fail(int error) const;

    std::string name_;
    gzFile_s* stream_ = nullptr;
};

/// Throws input_error if something that was printed did not arrive.
void check_printed(std::FILE* stream, const std::string& name);

} // namespace social
