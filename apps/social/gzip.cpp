// SPDX-License-Identifier: Apache-2.0
#include "gzip.hpp"

#include "input_error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <new>
#include <zlib.h>

namespace social {
namespace {

/// A zlib stream that reads gzip members.
class inflater {
public:
    inflater() {
        constexpr int gzip_only = 16 + MAX_WBITS;
        if (::inflateInit2(&stream_, gzip_only) != Z_OK) {
            throw std::bad_alloc();
        }
    }
    ~inflater() { ::inflateEnd(&stream_); }
    inflater(const inflater&) = delete;
    inflater& operator=(const inflater&) = delete;

    /// Unpacks one member, appends it to `text` and takes it off `bytes`.
    void take_member(std::string_view& bytes, std::string& text, const std::string& name) {
        ::inflateReset(&stream_);
        int state = Z_OK;
        while (state != Z_STREAM_END) {
            if (bytes.empty()) {
                throw input_error(name + ": the gzip data end too early: the file is truncated");
            }
            const uInt given = limited(bytes.size());
            // zlib only reads what it is given
            stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
            stream_.avail_in = given;
            const std::size_t before = text.size();
            text.resize(before + std::max<std::size_t>(std::size_t{4} * given, 65536));
            const uInt room = limited(text.size() - before);
            stream_.next_out = reinterpret_cast<Bytef*>(text.data() + before);
            stream_.avail_out = room;
            state = ::inflate(&stream_, Z_NO_FLUSH);
            text.resize(before + (room - stream_.avail_out));
            bytes.remove_prefix(given - stream_.avail_in);
            if (state == Z_MEM_ERROR) {
                throw std::bad_alloc();
            }
            if (state != Z_OK && state != Z_STREAM_END && state != Z_BUF_ERROR) {
                throw input_error(fmt::format("{}: the gzip data are corrupt: {}", name,
                                              stream_.msg != nullptr ? stream_.msg : "no header"));
            }
        }
    }

private:
    static uInt limited(std::size_t size) noexcept {
        return static_cast<uInt>(std::min<std::size_t>(size, std::numeric_limits<uInt>::max() / 8));
    }

    z_stream stream_{};
};

struct format {
    std::string_view magic;
    std::string_view name;
};
constexpr format other_formats[] = {
    {std::string_view("\xfd"
                      "7zXZ\0",
                      6),
     "xz"},
    {"BZh", "bzip2"},
    {"\x28\xb5\x2f\xfd", "zstd"},
    {"\x04\x22\x4d\x18", "lz4"},
    {"PK\x03\x04", "zip"},
};

} // namespace

bool is_gzip(std::string_view bytes) noexcept { return bytes.starts_with("\x1f\x8b"); }

std::string gunzip(std::string_view bytes, const std::string& name) {
    inflater stream;
    std::string text;
    do {
        stream.take_member(bytes, text, name);
    } while (is_gzip(bytes));
    // Tapes and some tools pad with zeros.
    if (bytes.find_first_not_of('\0') != std::string_view::npos) {
        throw input_error(fmt::format("{}: after the gzip data come {} bytes of something else",
                                      name, bytes.size()));
    }
    return text;
}

void refuse_other_formats(std::string_view bytes, const std::string& name) {
    for (const format& other : other_formats) {
        if (bytes.starts_with(other.magic)) {
            throw input_error(
                fmt::format("{}: is packed by {}; unpack it first", name, other.name));
        }
    }
}

std::string unpack(std::string bytes, const std::string& name) {
    if (is_gzip(bytes)) {
        return gunzip(bytes, name);
    }
    refuse_other_formats(bytes, name);
    return bytes;
}

} // namespace social
