// SPDX-License-Identifier: Apache-2.0
// A program that is killed while it writes leaves a file that can be read, and whose sums hold.
#include "profile/read.hpp"
#include "recording.hpp"

#include <csignal>
#include <ctime>
#include <random>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace twill::profile::testing;
using twill::profile::profile;
using twill::trace::event_type;

constexpr std::size_t words_a_chunk = 3'000;

/// Chunks until somebody ends the process. The numbers of one instant can be told from `round`.
[[noreturn]] void write_forever(const std::string& path) {
    twill::trace::file_writer writer;
    bool fits = writer.open(path.c_str(), plain_header());
    const std::vector<std::uint64_t> words(words_a_chunk,
                                           twill::trace::event_word(event_type::fork, 0, 1));
    for (std::int64_t round = 1; fits; ++round) {
        twill::trace::accounts now;
        now.wall = 10 * round;
        now.workers.resize(3);
        for (twill::trace::worker& one : now.workers) {
            one = {10 * round, 4 * round, 3 * round, 2 * round, round, 0, 0, {}};
        }
        fits = writer.write(now);
        for (std::uint32_t thread = 0; fits && thread < 3; ++thread) {
            fits = writer.write_events(thread, static_cast<std::uint64_t>(round) * words_a_chunk,
                                       words, 0);
        }
    }
    ::_exit(1);
}

class profile_kill : public profile_test {};

TEST_F(profile_kill, a_hundred_times) {
    std::mt19937 random(20'26);
    std::int64_t most_rounds = 0;
    int in_the_middle = 0;
    for (int k = 0; k < 100; ++k) {
        const std::string file = path(std::to_string(k));
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            write_forever(file);
        }
        // From its first byte on, and some microseconds to milliseconds more.
        while (::access(file.c_str(), F_OK) != 0) {
            ::usleep(50);
        }
        ::usleep(static_cast<useconds_t>(random() % 8'000));
        ASSERT_EQ(::kill(child, SIGKILL), 0);
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFSIGNALED(status)) << "it ended by itself";

        const std::vector<std::byte> bytes = contents(file);
        constexpr std::size_t shortest = 100; // the prologue and some of the header
        if (bytes.size() < shortest) {
            EXPECT_THROW(static_cast<void>(twill::profile::read(file)), std::runtime_error);
            continue;
        }
        const profile some = twill::profile::read(file);
        EXPECT_FALSE(some.complete);
        EXPECT_EQ(some.program, plain_header().program);
        EXPECT_EQ(some.events % words_a_chunk, 0U);
        const std::int64_t round = some.total.wall / 10;
        for (const auto& one : some.total.workers) {
            EXPECT_EQ(one.open, 10 * round);
            EXPECT_EQ(one.useful + one.dispatch + one.search + one.parked, one.open);
        }
        // Chunks go out in their order: the events before the last accounts are all there.
        const std::uint64_t chunks = some.events / words_a_chunk;
        EXPECT_GE(chunks, static_cast<std::uint64_t>(3 * std::max<std::int64_t>(round - 1, 0)));
        EXPECT_LE(chunks, static_cast<std::uint64_t>(3 * round));
        EXPECT_EQ(some.dropped, 0U);
        EXPECT_FALSE(some.strands);
        EXPECT_TRUE(has_note(some.notes, "the file has no end"));
        most_rounds = std::max(most_rounds, round);
        in_the_middle += round > 0 ? 1 : 0;
        ::unlink(file.c_str());
    }
    EXPECT_GT(most_rounds, 10);
    EXPECT_GT(in_the_middle, 50);
}

} // namespace
