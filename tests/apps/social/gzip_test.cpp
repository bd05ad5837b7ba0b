// SPDX-License-Identifier: Apache-2.0
#include "gzip.hpp"

#include "file.hpp"
#include "input.hpp"
#include "input_error.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <unistd.h>

namespace social {
namespace {

/// What output_file makes of a text.
std::string packed(const std::string& text) {
    const std::string path =
        testing::TempDir() + "social_gzip_test." + std::to_string(::getpid()) + ".gz";
    output_file file(path);
    file.write(text);
    file.close();
    const std::string bytes = read_file(path);
    std::filesystem::remove(path);
    return bytes;
}

std::string long_text() {
    std::string text;
    for (int i = 0; i < 100'000; ++i) {
        text += std::to_string(i * 7919) + '\t' + std::to_string(i) + '\n';
    }
    return text;
}

std::string complaint(const std::string& bytes) {
    try {
        (void)unpack(bytes, "x");
    } catch (const input_error& error) {
        return error.what();
    }
    return {};
}

TEST(gzip, gives_back_what_was_packed) {
    for (const std::string& text : {std::string(), std::string("1 2\n"), long_text()}) {
        const std::string bytes = packed(text);
        EXPECT_TRUE(is_gzip(bytes));
        EXPECT_EQ(gunzip(bytes, "x"), text);
        EXPECT_EQ(unpack(bytes, "x"), text);
    }
}

TEST(gzip, packs_the_same_bytes_each_time) { EXPECT_EQ(packed("1 2\n"), packed("1 2\n")); }

TEST(gzip, leaves_plain_text_alone) { EXPECT_EQ(unpack("1 2\n", "x"), "1 2\n"); }

TEST(gzip, reads_members_one_after_the_other) {
    const std::string bytes = packed("1 2\n") + packed("") + packed("3 4\n");
    EXPECT_EQ(gunzip(bytes, "x"), "1 2\n3 4\n");
    EXPECT_EQ(gunzip(bytes + std::string(100, '\0'), "x"), "1 2\n3 4\n");
}

TEST(gzip, notices_truncation_wherever_it_is) {
    const std::string whole = packed(long_text().substr(0, 2000));
    for (std::size_t size = 2; size < whole.size(); ++size) {
        ASSERT_EQ(complaint(whole.substr(0, size)),
                  "x: the gzip data end too early: the file is truncated")
            << size << " of " << whole.size();
    }
}

TEST(gzip, notices_corruption) {
    std::string bytes = packed(long_text());
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x55);
    EXPECT_TRUE(complaint(bytes).starts_with("x: the gzip data are corrupt: ")) << complaint(bytes);
    EXPECT_TRUE(complaint("\x1f\x8b\x07no gzip").starts_with("x: the gzip data are corrupt: "));
}

TEST(gzip, notices_what_does_not_belong) {
    EXPECT_EQ(complaint(packed("1 2\n") + "junk"),
              "x: after the gzip data come 4 bytes of something else");
}

TEST(gzip, knows_other_formats) {
    EXPECT_EQ(complaint(std::string("\xfd"
                                    "7zXZ\0\0",
                                    7)),
              "x: is packed by xz; unpack it first");
    EXPECT_EQ(complaint("BZh91AY"), "x: is packed by bzip2; unpack it first");
}

TEST(gzip, unpacks_the_embedded_extract) {
    const snap_bytes extract = embedded_extract();
    EXPECT_LT(extract.bytes.size(), 2U << 20);
    const std::string text = gunzip(extract.bytes, extract.name);
    EXPECT_TRUE(text.starts_with("# What depends on what among the packages of Debian 12"));
    EXPECT_TRUE(text.ends_with('\n'));
}

} // namespace
} // namespace social
