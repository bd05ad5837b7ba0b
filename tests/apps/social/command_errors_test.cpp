// SPDX-License-Identifier: Apache-2.0
// Every way in which input or usage can be wrong: one line on standard error, exit code 2.
#include "program.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace social {
namespace {

void expect_error(const answer& got, const std::string& message) {
    EXPECT_EQ(got.code, 2);
    EXPECT_EQ(got.out, "");
    EXPECT_EQ(got.err, message + "\n");
}

TEST(social_errors, bad_lines) {
    const scratch room;
    const std::string file = room.file("bad.txt", "# x\n0 1\n0 one\n");
    expect_error(run_social({"run", file}), file + ":3: expected a vertex number, found \"one\"");
    expect_error(run_social({"run", "-"}, {.in = "1 4294967296\n"}),
                 "standard input:1: the vertex number 4294967296 is above 4294967295");
    expect_error(run_social({"run", "--json", "--check", file}),
                 file + ":3: expected a vertex number, found \"one\"");
}

TEST(social_errors, nothing_to_read) {
    const scratch room;
    const std::string empty = room.file("empty.txt", "");
    expect_error(run_social({"run", empty}), empty + ": is empty");
    expect_error(run_social({"run", room.path("none")}),
                 room.path("none") + ": No such file or directory");
    expect_error(run_social({"run", room.path("")}), room.path("") + ": Is a directory");
    expect_error(run_social({"convert", room.path("none"), room.path("out")}),
                 room.path("none") + ": No such file or directory");
    EXPECT_FALSE(std::filesystem::exists(room.path("out")));
}

TEST(social_errors, no_profile) {
    const scratch room;
    const std::string nowhere = room.path("none/run.twl");
    expect_error(run_social({"run", "--rmat", "4", "--record", nowhere}),
                 nowhere + ": No such file or directory");
    expect_error(run_social({"run", "--rmat", "4", "--record", room.path("")}),
                 room.path("") + ": Is a directory");
}

// Without --record, or before its turn, the recording of whoever has begun one goes on.
TEST(social_errors, a_recording_goes_on_already) {
    const scratch room;
    const std::string profile = room.path("own.twl");
    ASSERT_EQ(::setenv("TWILL_RECORD", room.path("whole.twl").c_str(), 1), 0);
    const answer got = run_social({"run", "--rmat", "4", "--repeat", "3", "--record", profile});
    ASSERT_EQ(::unsetenv("TWILL_RECORD"), 0);
    expect_error(got, profile + ": no profile: Device or resource busy");
}

TEST(social_errors, no_permission) {
    const scratch room;
    const std::string file = room.file("secret.txt", "0 1\n");
    std::filesystem::permissions(file, std::filesystem::perms(0));
    const answer got = run_social({"run", file}, {.unprivileged = true});
    if (got.code == 126) {
        GTEST_SKIP() << "the program cannot be run by another user here";
    }
    expect_error(got, file + ": Permission denied");
}

TEST(social_errors, truncated_gzip) {
    const scratch room;
    const std::string whole = room.path("graph.gz");
    ASSERT_EQ(run_social({"generate", "--rmat", "8", whole}).code, 0);
    const std::string bytes = contents(whole);
    ASSERT_GT(bytes.size(), 1000U);
    for (const std::size_t size : {std::size_t{5}, bytes.size() / 2, bytes.size() - 1}) {
        const std::string part = room.file("part.gz", bytes.substr(0, size));
        expect_error(run_social({"run", part}),
                     part + ": the gzip data end too early: the file is truncated");
    }
}

TEST(social_errors, other_packers) {
    const scratch room;
    const std::string file = room.file("graph.xz", std::string("\xfd"
                                                               "7zXZ\0\0\4",
                                                               8));
    expect_error(run_social({"run", file}), file + ": is packed by xz; unpack it first");
    expect_error(run_social({"convert", file, "-"}), file + ": is packed by xz; unpack it first");
}

TEST(social_errors, full_disk) {
    const circumstances full{.out_path = "/dev/full"};
    const std::string what = ": No space left on device";
    expect_error(run_social({"run", "--rmat", "4"}, full), "standard output" + what);
    expect_error(run_social({"run", "--rmat", "4", "--json"}, full), "standard output" + what);
    expect_error(run_social({"--help"}, full), "standard output" + what);
    expect_error(run_social({"generate", "--rmat", "4", "-"}, full), "standard output" + what);
    expect_error(run_social({"generate", "--rmat", "16", "/dev/full"}), "/dev/full" + what);
}

TEST(social_errors, no_place_to_write) {
    const scratch room;
    const std::string out = room.path("none/out.txt");
    expect_error(run_social({"generate", "--rmat", "4", out}), out + ": No such file or directory");
    expect_error(run_social({"generate", "--rmat", "4", room.path("")}),
                 room.path("") + ": Is a directory");
}

TEST(social_errors, more_than_the_memory) {
    const answer got = run_social({"run", "--rmat", "31", "--edges-per-vertex", "4096"});
    EXPECT_EQ(got.code, 2);
    EXPECT_TRUE(got.err.starts_with("--rmat 31: 8796093022208 edges need ")) << got.err;
}

TEST(social_errors, usage) {
    const std::vector<std::vector<std::string>> wrong{
        {},
        {"fly"},
        {"run", "--fly"},
        {"run", "--rmat", "0"},
        {"run", "--rmat", "99"},
        {"run", "--rmat", "x"},
        {"run", "--rmat", "4", "file"},
        {"run", "--seed", "1"},
        {"run", "--workers", "0"},
        {"run", "--repeat", "0"},
        {"run", "--tolerance", "0"},
        {"run", "--damping", "1"},
        {"run", "--serial", "--check"},
        {"run", "a", "b"},
        {"convert", "a"},
        {"generate", "out"},
    };
    for (const auto& arguments : wrong) {
        const answer got = run_social(arguments);
        EXPECT_EQ(got.code, 2) << testing::PrintToString(arguments);
        EXPECT_EQ(got.out, "") << testing::PrintToString(arguments);
        EXPECT_NE(got.err, "") << testing::PrintToString(arguments);
    }
}

} // namespace
} // namespace social
