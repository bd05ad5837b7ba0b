// SPDX-License-Identifier: Apache-2.0
#include "support/folder.hpp"
#include "trace/crc32c.hpp"
#include "trace/file_writer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

using namespace twill::trace;

std::vector<std::byte> contents(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(file),
                                  std::istreambuf_iterator<char>()};
    const auto view = std::as_bytes(std::span(bytes));
    return {view.begin(), view.end()};
}

struct chunk {
    chunk_header header;
    std::vector<std::byte> payload;
};

/// All chunks of a file that has to be whole.
std::vector<chunk> chunks_of(const std::string& path) {
    const std::vector<std::byte> bytes = contents(path);
    std::vector<chunk> result;
    std::size_t at = prologue_size;
    while (at < bytes.size()) {
        EXPECT_GE(bytes.size() - at, chunk_header_size);
        const chunk_header header = chunk_header_at(bytes.data() + at);
        EXPECT_EQ(header.mark, chunk_mark);
        const std::size_t size = chunk_header_size + padded(header.size);
        if (header.mark != chunk_mark || size > bytes.size() - at) {
            ADD_FAILURE() << "no whole chunk at " << at;
            return result;
        }
        const auto all = std::span(bytes).subspan(at, size);
        EXPECT_EQ(crc32c(all.subspan(checked_from)), header.check);
        const auto payload = all.subspan(chunk_header_size, header.size);
        result.push_back({header, {payload.begin(), payload.end()}});
        at += size;
    }
    return result;
}

class file_writer_test : public ::testing::Test {
protected:
    [[nodiscard]] std::string path(const char* name = "a.twl") const {
        return folder_.path() + "/" + name;
    }
    twill::testing_support::folder folder_;
};

file_header some_header() {
    file_header header;
    header.program = "program --with arguments";
    header.ticks_per_nanosecond = 1;
    return header;
}

TEST_F(file_writer_test, writes_a_prologue_and_numbered_chunks) {
    file_writer writer;
    EXPECT_FALSE(writer.going());
    ASSERT_TRUE(writer.open(path().c_str(), some_header()));
    EXPECT_TRUE(writer.going());
    const std::vector<std::uint64_t> words{event_word(event_type::fork, 0, 9),
                                           wide_word(event_type::time, 1),
                                           event_word(event_type::sync, 0, 2)};
    EXPECT_TRUE(writer.write_events(7, 1'000, words, 0));
    EXPECT_TRUE(writer.write_events(3, 0, {}, 11));
    EXPECT_TRUE(writer.write_events(7, 2'000, words, 5));
    EXPECT_TRUE(writer.write(note{"a line"}));
    EXPECT_TRUE(writer.finish({}));
    EXPECT_FALSE(writer.going());
    EXPECT_FALSE(writer.write(note{"late"}));

    const std::vector<std::byte> bytes = contents(path());
    EXPECT_EQ(bytes.size(), writer.size());
    EXPECT_EQ(std::memcmp(bytes.data(), "\x93TWL\r\n\x1a\n\3\0\0\0\4\3\2\1", prologue_size), 0);
    const std::vector<chunk> chunks = chunks_of(path());
    ASSERT_EQ(chunks.size(), 6U);
    EXPECT_EQ(chunks[0].header.type, static_cast<std::uint16_t>(chunk_type::header));
    EXPECT_EQ(chunks[0].header.thread, no_thread);
    EXPECT_EQ(chunks[1].header.thread, 7U);
    EXPECT_EQ(chunks[1].header.sequence, 0U);
    ASSERT_EQ(chunks[1].payload.size(), 8 + 3 * 8U);
    EXPECT_EQ(little_endian<std::uint64_t>(chunks[1].payload.data()), 1'000U);
    EXPECT_EQ(little_endian<std::uint64_t>(chunks[1].payload.data() + 8), words[0]);
    EXPECT_EQ(chunks[2].header.thread, 3U);
    EXPECT_EQ(chunks[2].header.dropped, 11U);
    EXPECT_EQ(chunks[3].header.sequence, 1U);
    EXPECT_EQ(chunks[3].header.dropped, 5U);
    EXPECT_EQ(chunks[4].header.sequence, 1U); // after the header, of no thread
    EXPECT_EQ(chunks[5].header.type, static_cast<std::uint16_t>(chunk_type::end));
    // Both clocks 0, then 5 chunks, 4 events, 16 dropped.
    ASSERT_EQ(chunks[5].payload.size(), 5U);
    EXPECT_EQ(std::memcmp(chunks[5].payload.data(), "\0\0\5\4\x10", 5), 0);
}

TEST_F(file_writer_test, is_for_the_owner_and_not_for_programs_that_are_run) {
    ::umask(0);
    file_writer writer;
    ASSERT_TRUE(writer.open(path().c_str(), some_header()));
    struct stat status = {};
    ASSERT_EQ(::stat(path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    int found = 0;
    for (int file = 3; file < 100; ++file) {
        struct stat open_one = {};
        if (::fstat(file, &open_one) == 0 && open_one.st_ino == status.st_ino &&
            open_one.st_dev == status.st_dev) {
            ++found;
            EXPECT_NE(::fcntl(file, F_GETFD) & FD_CLOEXEC, 0);
        }
    }
    EXPECT_EQ(found, 1);
}

TEST_F(file_writer_test, refuses_what_is_there_unless_told) {
    std::ofstream(path()) << "precious";
    ASSERT_EQ(::symlink("nowhere", path("link").c_str()), 0);
    file_writer writer;
    errno = 5;
    ::testing::internal::CaptureStderr();
    EXPECT_FALSE(writer.open(path().c_str(), some_header()));
    EXPECT_EQ(::testing::internal::GetCapturedStderr(),
              "twill: recording ends: " + path() + ": File exists\n");
    EXPECT_EQ(errno, 5);
    EXPECT_FALSE(writer.going());
    EXPECT_EQ(contents(path()).size(), 8U);
    ::testing::internal::CaptureStderr();
    EXPECT_FALSE(writer.open(path("link").c_str(), some_header()));
    EXPECT_FALSE(writer.open(path("no/folder").c_str(), some_header()));
    const std::string said = ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 2);
    EXPECT_TRUE(writer.open(path().c_str(), some_header(), existing_file::overwrite));
    EXPECT_TRUE(writer.finish({}));
    EXPECT_EQ(chunks_of(path()).size(), 2U);
}

TEST_F(file_writer_test, a_full_disk_ends_the_recording_with_one_line) {
    file_writer writer;
    ::testing::internal::CaptureStderr();
    EXPECT_FALSE(writer.open("/dev/full", some_header(), existing_file::overwrite));
    EXPECT_FALSE(writer.write(note{"more"}));
    EXPECT_FALSE(writer.write_events(0, 0, {}, 1));
    EXPECT_FALSE(writer.finish({}));
    EXPECT_EQ(::testing::internal::GetCapturedStderr(),
              "twill: recording ends: /dev/full: No space left on device\n");
}

// In a process of its own, since the limit cannot be taken back.
TEST_F(file_writer_test, a_limit_on_files_leaves_whole_chunks_and_the_program) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        const int silent = ::open("/dev/null", O_WRONLY);
        ::dup2(silent, STDERR_FILENO);
        const rlimit limit{10'000, 10'000};
        ::setrlimit(RLIMIT_FSIZE, &limit); // what is beyond raises SIGXFSZ, which ends a program
        file_writer writer;
        bool fits = writer.open(path().c_str(), some_header());
        int chunks = 0;
        const note line{std::string(1'000, 'x')};
        for (; fits && writer.write(line); ++chunks) {
        }
        sigset_t pending;
        ::sigpending(&pending);
        ::_exit(fits && ::sigismember(&pending, SIGXFSZ) == 0 ? chunks : 99);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 9);
    EXPECT_EQ(chunks_of(path()).size(), 10U);
}

TEST_F(file_writer_test, a_child_of_fork_writes_nothing) {
    file_writer writer;
    ASSERT_TRUE(writer.open(path().c_str(), some_header()));
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        ::_exit(writer.write(note{"from the child"}) || writer.finish({}) ? 1 : 0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    EXPECT_TRUE(writer.write(note{"from the parent"}));
    EXPECT_TRUE(writer.finish({}));
    EXPECT_EQ(chunks_of(path()).size(), 3U);
}

TEST_F(file_writer_test, more_events_than_a_chunk_holds_are_several_chunks) {
    constexpr std::size_t fits = (largest_chunk - 8) / 8;
    std::vector<std::uint64_t> words(fits + 2, event_word(event_type::fork, 0, 3));
    file_writer writer;
    ASSERT_TRUE(writer.open(path().c_str(), some_header()));
    ASSERT_TRUE(writer.write_events(0, 100, words, 4));
    ASSERT_TRUE(writer.finish({}));
    const std::vector<chunk> chunks = chunks_of(path());
    ASSERT_EQ(chunks.size(), 4U);
    EXPECT_EQ(chunks[1].header.size, largest_chunk);
    EXPECT_EQ(chunks[1].header.dropped, 4U);
    EXPECT_EQ(chunks[2].header.dropped, 0U);
    EXPECT_EQ(chunks[2].header.sequence, 1U);
    ASSERT_EQ(chunks[2].payload.size(), 8 + 2 * 8U);
    EXPECT_EQ(little_endian<std::uint64_t>(chunks[2].payload.data()), 100 + fits * 3);
}

} // namespace
