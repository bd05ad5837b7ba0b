// SPDX-License-Identifier: Apache-2.0
#include "output.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cmath>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <system_error>

namespace twill::tool {

namespace {

struct closing {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
using open_file = std::unique_ptr<std::FILE, closing>;

[[noreturn]] void fail(const std::string& name, int error) {
    throw std::runtime_error(fmt::format("{}: {}", name, std::generic_category().message(error)));
}

void write(std::FILE* file, std::string_view text, const std::string& name) {
    errno = 0;
    if (std::fwrite(text.data(), 1, text.size(), file) != text.size() || std::fflush(file) != 0) {
        fail(name, errno);
    }
}

} // namespace

void print(std::string_view text) { write(stdout, text, "standard output"); }

void write_file(const std::string& path, std::string_view text) {
    const open_file file(std::fopen(path.c_str(), "wbe"));
    if (file == nullptr) {
        fail(path, errno);
    }
    write(file.get(), text, path);
}

void output_file::closing::operator()(std::FILE* file) const noexcept { std::fclose(file); }

output_file::output_file(const std::string& path)
    : name_(path == standard_stream ? "standard output" : path), file_(stdout) {
    if (path != standard_stream) {
        opened_.reset(std::fopen(path.c_str(), "wbe"));
        file_ = opened_.get();
        if (file_ == nullptr) {
            fail(path, errno);
        }
    }
}

void output_file::write(std::string_view text) {
    errno = 0;
    if (std::fwrite(text.data(), 1, text.size(), file_) != text.size()) {
        fail(name_, errno);
    }
}

void output_file::close() {
    errno = 0;
    if (std::fflush(file_) != 0) {
        fail(name_, errno);
    }
    opened_.reset();
}

std::string read_file(const std::string& path, std::size_t most) {
    open_file opened;
    std::FILE* file = stdin;
    if (path != standard_stream) {
        opened.reset(std::fopen(path.c_str(), "rbe"));
        file = opened.get();
        if (file == nullptr) {
            fail(path, errno);
        }
    }
    constexpr std::size_t piece = std::size_t{1} << 16;
    std::string bytes;
    while (bytes.size() <= most) {
        const std::size_t before = bytes.size();
        bytes.resize(before + piece);
        errno = 0;
        bytes.resize(before + std::fread(bytes.data() + before, 1, piece, file));
        if (std::ferror(file) != 0) {
            fail(shown_name(path), errno);
        }
        if (bytes.size() == before) {
            return bytes;
        }
    }
    return bytes;
}

std::string shown_name(const std::string& path) {
    return path == standard_stream ? "standard input" : path;
}

std::string shown(double number) {
    constexpr double fixed_from = 0.1;
    constexpr double fixed_to = 1e12;
    if (number != 0 && (std::abs(number) < fixed_from || std::abs(number) >= fixed_to)) {
        return fmt::format("{:.4g}", number);
    }
    std::string text = fmt::format("{:.3f}", number);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') {
        text.pop_back();
    }
    return text;
}

std::string xml_text(std::string_view text) {
    std::string result;
    for (const char one : text) {
        switch (one) {
        case '&':
            result += "&amp;";
            break;
        case '<':
            result += "&lt;";
            break;
        case '>':
            result += "&gt;";
            break;
        case '"':
            result += "&quot;";
            break;
        case '\'':
            result += "&apos;";
            break;
        default:
            result += one;
        }
    }
    return result;
}

} // namespace twill::tool
