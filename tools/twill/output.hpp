// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace twill::tool {

/// Stands for standard input and standard output on the command line.
inline constexpr std::string_view standard_stream = "-";

/// To standard output. Throws std::runtime_error with one line if it does not arrive.
void print(std::string_view text);

/// To a new file, or over an old one. Throws std::runtime_error with one line.
void write_file(const std::string& path, std::string_view text);

/// A file that is written piece by piece, or standard output. What does not arrive is thrown as
/// std::runtime_error with one line.
class output_file {
public:
    /// A new file, or over an old one.
    explicit output_file(const std::string& path);

    void write(std::string_view text);
    /// All of it has arrived after that.
    void close();

private:
    struct closing {
        void operator()(std::FILE* file) const noexcept;
    };
    std::string name_;
    std::unique_ptr<std::FILE, closing> opened_; ///< null for standard output
    std::FILE* file_;
};

/// All bytes of a file or of standard input, at most `most` of them and one more, so that whoever
/// asks sees that there are more. Throws std::runtime_error with one line.
std::string read_file(const std::string& path, std::size_t most);

/// What to call the file in messages.
std::string shown_name(const std::string& path);

/// A number without noise: 3.333, 3, 0.00125.
std::string shown(double number);

/// Text as XML takes it.
std::string xml_text(std::string_view text);

} // namespace twill::tool
