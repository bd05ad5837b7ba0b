// SPDX-License-Identifier: Apache-2.0
// What a file says, and what is said of files that are broken.
#include "plan_file/error.hpp"
#include "profile/read.hpp"
#include "recording.hpp"
#include "trace/crc32c.hpp"

#include <cmath>
#include <limits>
#include <sys/stat.h>

namespace {

using namespace twill::profile::testing;
using twill::profile::profile;
namespace trace = twill::trace;

trace::accounts some_accounts(std::int64_t scale) {
    trace::accounts result;
    result.wall = 100 * scale;
    result.in_verbs = 90 * scale;
    result.cpu = 150 * scale;
    result.awake_limit = 2;
    result.workers.resize(2);
    result.workers[0] = {100 * scale, 50 * scale, 20 * scale, 15 * scale,
                         10 * scale,  5 * scale,  3 * scale,  {7, 8}};
    result.workers[1] = {10, 4, 3, 2, 1, std::nullopt, 0, {9, 10}};
    result.off_places = 4 * scale;
    return result;
}

class profile_read : public profile_test {
protected:
    /// A file with one of everything.
    void write_all(bool finish = true) const {
        trace::file_header header = plain_header();
        header.pid = 42;
        header.started = 1'700'000'000'000'000'000;
        header.clock = {1'000, 5'000};
        header.cores = 8;
        header.quota = 1.5;
        header.steal_takes = 700;
        header.wake_takes = 9'000;
        header.task_takes = 33.5;
        header.clock_ahead = 8.25;
        header.counts = {"forks", "steals"};
        trace::file_writer writer;
        ASSERT_TRUE(writer.open(path().c_str(), header, trace::existing_file::overwrite));
        EXPECT_TRUE(writer.write(some_accounts(1)));
        EXPECT_TRUE(writer.write(
            trace::kind_table{{{"first", {{3, 30}, {4, 40}}, 1, 25, {{10, 20, 30}, {1, 2, 4}}},
                               {"second", {}, 0, 0, {}}}}));
        EXPECT_TRUE(writer.write(trace::region_table{
            {{"setup/read", 2, 60, 50, {10, 4, 3, 2, 1, std::nullopt, 0, {}}, 1, 15},
             {"setup", 1, 70, 50, {}, 0, 0}}}));
        EXPECT_TRUE(
            writer.write(trace::name_table{{{1, "first"}}, {{4, "setup\t"}, {5, "setup/read"}}}));
        EXPECT_TRUE(writer.write(trace::name_table{{{7, "second"}}, {}}));
        EXPECT_TRUE(writer.write(trace::runtime_table{
            {{3, "pool\x01", some_accounts(2), {{"third", {{5, 50}}, 0, 9, {}}}}, {}}}));
        EXPECT_TRUE(
            writer.write(trace::response_table{{{1, 2, 3, {{5}, {1}}}, {4, 5, 6, {}}, {}}}));
        EXPECT_TRUE(writer.write(trace::energy{12.25}));
        EXPECT_TRUE(writer.write(trace::note{"said by the writer\x1b[2J"}));
        EXPECT_TRUE(writer.write(some_accounts(10)));
        if (finish) {
            EXPECT_TRUE(writer.finish({}));
        }
    }

    static std::string error_of(const std::vector<std::byte>& bytes) {
        try {
            static_cast<void>(twill::profile::read(bytes, "name"));
        } catch (const twill::tool::file_error& error) {
            return error.what();
        }
        return "";
    }
};

TEST_F(profile_read, everything_that_was_written) {
    write_all();
    const profile all = twill::profile::read(path());
    EXPECT_EQ(all.version, trace::format_version);
    EXPECT_EQ(all.program, "program --with arguments");
    EXPECT_EQ(all.build, "Twill 0.1");
    EXPECT_EQ(all.host, "Linux");
    EXPECT_EQ(all.pid, 42);
    EXPECT_EQ(all.started, 1'700'000'000'000'000'000);
    EXPECT_EQ(all.ticks_per_nanosecond, 1);
    EXPECT_EQ(all.cores, 8);
    EXPECT_EQ(all.quota, 1.5);
    EXPECT_EQ(all.mode, "full");
    EXPECT_EQ(all.steal_takes, 700);
    EXPECT_EQ(all.wake_takes, 9'000);
    EXPECT_EQ(all.task_takes, 33.5);
    EXPECT_EQ(all.clock_ahead, 8.25);
    EXPECT_EQ(all.counts, (std::vector<std::string>{"forks", "steals"}));
    ASSERT_EQ(all.series.size(), 2U);
    EXPECT_EQ(all.series[0].wall, 100);
    EXPECT_EQ(all.total.wall, 1'000);
    EXPECT_EQ(all.total.in_verbs, 900);
    EXPECT_EQ(all.total.cpu, 1'500);
    EXPECT_EQ(all.total.awake_limit, 2);
    EXPECT_EQ(all.total.off_places, 40);
    EXPECT_EQ(all.runtimes.at(0).total.off_places, 8);
    ASSERT_EQ(all.total.workers.size(), 2U);
    EXPECT_EQ(all.total.workers[0].preempted, 50);
    EXPECT_EQ(all.total.workers[0].over, 30);
    EXPECT_EQ(all.total.workers[0].counts, (std::vector<std::uint64_t>{7, 8}));
    EXPECT_EQ(all.total.workers[1].preempted, std::nullopt);
    ASSERT_EQ(all.kinds.size(), 2U);
    EXPECT_EQ(all.kinds[0].name, "first");
    ASSERT_EQ(all.kinds[0].workers.size(), 2U);
    EXPECT_EQ(all.kinds[0].workers[1].count, 4U);
    EXPECT_EQ(all.kinds[0].workers[1].total, 40);
    EXPECT_EQ(all.kinds[0].errors, 1U);
    EXPECT_EQ(all.kinds[0].longest, 25);
    EXPECT_EQ(all.kinds[0].sampled.upper, (std::vector<std::int64_t>{10, 20, 30}));
    EXPECT_EQ(all.kinds[0].sampled.count, (std::vector<std::uint64_t>{1, 2, 4}));
    ASSERT_EQ(all.regions.size(), 2U);
    EXPECT_EQ(all.regions[0].name, "setup/read");
    EXPECT_EQ(all.regions[0].count, 2U);
    EXPECT_EQ(all.regions[0].wall, 60);
    EXPECT_EQ(all.regions[0].in_verbs, 50);
    EXPECT_EQ(all.regions[0].all.search, 2);
    EXPECT_EQ(all.regions[0].late, 1U);
    EXPECT_EQ(all.regions[0].late_sum, 15);
    EXPECT_EQ(all.regions[1].late, 0U);
    using names = std::map<std::uint32_t, std::string>;
    EXPECT_EQ(all.kind_names, (names{{1, "first"}, {7, "second"}}));
    EXPECT_EQ(all.region_paths, (names{{4, "setup?"}, {5, "setup/read"}}));
    ASSERT_EQ(all.runtimes.size(), 2U);
    EXPECT_EQ(all.runtimes[0].number, 3U);
    EXPECT_EQ(all.runtimes[0].name, "pool?");
    EXPECT_EQ(all.runtimes[0].total.wall, 200);
    EXPECT_EQ(all.runtimes[0].total.workers[0].useful, 100);
    ASSERT_EQ(all.runtimes[0].kinds.size(), 1U);
    EXPECT_EQ(all.runtimes[0].kinds[0].workers[0].total, 50);
    EXPECT_TRUE(all.runtimes[1].total.workers.empty());
    ASSERT_EQ(all.by_priority.size(), 3U);
    EXPECT_EQ(all.by_priority[0].late, 3U);
    EXPECT_EQ(all.by_priority[1].count, 4U);
    EXPECT_EQ(all.joules, 12.25);
    EXPECT_EQ(all.notes, std::vector<std::string>{"said by the writer?[2J"});
    EXPECT_TRUE(all.complete);
    EXPECT_FALSE(all.strands);
}

TEST_F(profile_read, every_beginning_of_a_file_is_read_or_refused) {
    write_all();
    const std::vector<std::byte> bytes = contents(path());
    int read = 0;
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        try {
            const profile some = twill::profile::read(std::span(bytes).first(size), "name");
            EXPECT_FALSE(some.complete);
            EXPECT_TRUE(has_note(some.notes, "the file has no end"));
            ++read;
        } catch (const twill::tool::file_error& error) {
            EXPECT_EQ(read, 0) << error.what(); // only for lack of the header
        }
    }
    EXPECT_GT(read, 300);
}

TEST_F(profile_read, no_changed_byte_goes_unnoticed) {
    write_all();
    const std::vector<std::byte> bytes = contents(path());
    for (std::size_t k = 0; k < bytes.size(); ++k) {
        std::vector<std::byte> changed = bytes;
        changed[k] ^= std::byte{0x10};
        try {
            EXPECT_GE(twill::profile::read(changed, "name").notes.size(), 2U) << "byte " << k;
        } catch (const twill::tool::file_error& error) {
            EXPECT_LT(k, 300U) << error.what();
        }
    }
}

TEST_F(profile_read, a_file_without_an_end_counts_up_to_its_last_chunk) {
    write_all(false);
    const profile some = twill::profile::read(path());
    EXPECT_FALSE(some.complete);
    EXPECT_EQ(some.total.wall, 1'000);
    EXPECT_TRUE(has_note(some.notes, "the file has no end"));
}

// Written before lateness and names were: a list of regions ends with the last column.
TEST_F(profile_read, files_of_version_1) {
    trace::file_writer writer;
    ASSERT_TRUE(writer.open(path().c_str(), plain_header()));
    const trace::region_table regions{{{"load", 2, 60, 50, {10, 4, 3, 2, 1, std::nullopt, 0, {}}}}};
    EXPECT_TRUE(writer.write(regions));
    EXPECT_TRUE(writer.finish({}));
    std::vector<std::byte> bytes = contents(path());
    constexpr std::size_t version_at = trace::magic.size();
    bytes[version_at] = std::byte{1};
    std::size_t at = trace::prologue_size;
    while (trace::chunk_header_at(bytes.data() + at).type !=
           static_cast<std::uint16_t>(trace::chunk_type::regions)) {
        at += trace::chunk_header_size + trace::padded(trace::chunk_header_at(&bytes[at]).size);
    }
    trace::chunk_header header = trace::chunk_header_at(&bytes[at]);
    const std::size_t end = at + trace::chunk_header_size + trace::padded(header.size);
    header.size -= 2; // a zero for the count, and one for the sum
    const std::size_t size = trace::chunk_header_size + trace::padded(header.size);
    bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(at + size),
                bytes.begin() + static_cast<std::ptrdiff_t>(end));
    trace::put(&bytes[at], header);
    header.check = trace::crc32c(
        std::span(bytes).subspan(at + trace::checked_from, size - trace::checked_from));
    trace::put(&bytes[at], header);
    const profile old = twill::profile::read(bytes, "name");
    EXPECT_EQ(old.version, 1U);
    EXPECT_TRUE(old.complete);
    EXPECT_TRUE(old.notes.empty());
    ASSERT_EQ(old.regions.size(), 1U);
    EXPECT_EQ(old.regions[0].all.parked, 1);
    EXPECT_EQ(old.regions[0].late, 0U);
}

TEST_F(profile_read, a_broken_chunk_is_left_out_and_what_follows_is_not) {
    write_all();
    std::vector<std::byte> bytes = contents(path());
    // The mark of the second chunk, then its size.
    const std::size_t second = trace::prologue_size + trace::chunk_header_size +
                               trace::padded(trace::chunk_header_at(bytes.data() + 16).size);
    for (const std::size_t at : {second, second + 9}) {
        std::vector<std::byte> changed = bytes;
        changed[at] ^= std::byte{0xff};
        const profile some = twill::profile::read(changed, "name");
        EXPECT_EQ(some.series.size(), 1U);
        EXPECT_EQ(some.total.wall, 1'000);
        EXPECT_EQ(some.kinds.size(), 2U);
        EXPECT_TRUE(has_note(some.notes, "that are no chunk are left out"));
        EXPECT_TRUE(has_note(some.notes, "1 chunks before this one are missing"));
    }
}

/// Appends a chunk with a right check.
void append(std::vector<std::byte>& bytes, trace::chunk_header header,
            std::vector<std::byte> payload) {
    header.mark = trace::chunk_mark;
    header.size = static_cast<std::uint32_t>(payload.size());
    payload.resize(trace::padded(payload.size()));
    std::vector<std::byte> chunk(trace::chunk_header_size);
    chunk.insert(chunk.end(), payload.begin(), payload.end());
    trace::put(chunk.data(), header);
    header.check = trace::crc32c(std::span(chunk).subspan(trace::checked_from));
    trace::put(chunk.data(), header);
    bytes.insert(bytes.end(), chunk.begin(), chunk.end());
}

TEST_F(profile_read, unknown_and_impossible_chunks_are_left_out) {
    write_all(false);
    std::vector<std::byte> bytes = contents(path());
    trace::chunk_header header;
    header.thread = trace::no_thread;
    header.sequence = 11;
    header.type = 999;
    append(bytes, header, {std::byte{1}});
    header.type = static_cast<std::uint16_t>(trace::chunk_type::joules);
    header.sequence = 12;
    append(bytes, header, std::vector<std::byte>(8, std::byte{0xff})); // no number
    header.type = static_cast<std::uint16_t>(trace::chunk_type::accounts);
    header.sequence = 13;
    append(bytes, header, std::vector<std::byte>(40, std::byte{0x7f})); // a folded -64
    header.type = static_cast<std::uint16_t>(trace::chunk_type::events);
    header.sequence = 14;
    append(bytes, header, std::vector<std::byte>(16)); // of no thread
    const profile some = twill::profile::read(bytes, "name");
    EXPECT_TRUE(has_note(some.notes, "unknown type 999"));
    EXPECT_TRUE(has_note(some.notes, "type 7 says what cannot be"));
    EXPECT_TRUE(has_note(some.notes, "type 3 says what cannot be"));
    EXPECT_TRUE(has_note(some.notes, "a bad size or thread"));
    EXPECT_EQ(some.joules, 12.25);
    EXPECT_EQ(some.total.wall, 1'000);
}

TEST_F(profile_read, marks_everywhere_cost_no_more_than_reading) {
    write_all(false);
    std::vector<std::byte> bytes = contents(path());
    // A million chunks that claim the rest of the file each, with wrong checks.
    trace::chunk_header header;
    header.mark = trace::chunk_mark;
    header.size = (1 << 23) + 8; // to where no chunk begins
    for (int k = 0; k < 1'000'000; ++k) {
        bytes.resize(bytes.size() + trace::chunk_header_size);
        trace::put(bytes.data() + bytes.size() - trace::chunk_header_size, header);
    }
    const profile some = twill::profile::read(bytes, "name");
    EXPECT_EQ(some.total.wall, 1'000);
    EXPECT_TRUE(has_note(some.notes, "from here on the file is broken"));
}

TEST_F(profile_read, columns_that_do_not_add_up_are_named) {
    trace::file_writer writer;
    ASSERT_TRUE(writer.open(path().c_str(), plain_header()));
    trace::accounts wrong;
    wrong.workers.resize(2);
    wrong.workers[1].open = 5;
    wrong.workers[1].useful = 4;
    EXPECT_TRUE(writer.write(wrong));
    EXPECT_TRUE(writer.finish({}));
    EXPECT_TRUE(has_note(twill::profile::read(path()).notes,
                         "the columns of worker 1 add up to 4 ns, and it was open for 5 ns"));
}

TEST_F(profile_read, a_long_series_is_thinned_evenly) {
    trace::file_writer writer;
    ASSERT_TRUE(writer.open(path().c_str(), plain_header()));
    trace::accounts now;
    now.workers.resize(1'000);
    constexpr int instants = 1'000;
    for (int k = 0; k < instants; ++k) {
        now.wall = k;
        ASSERT_TRUE(writer.write(now));
    }
    ASSERT_TRUE(writer.finish({}));
    const profile all = twill::profile::read(path());
    EXPECT_EQ(all.total.wall, instants - 1);
    EXPECT_GT(all.series.size(), 100U);
    EXPECT_LT(all.series.size(), 270U);
    for (std::size_t k = 1; k < all.series.size(); ++k) {
        EXPECT_EQ(all.series[k].wall - all.series[k - 1].wall, all.series[1].wall);
    }
}

TEST_F(profile_read, errors_name_the_file_and_the_byte) {
    write_all();
    std::vector<std::byte> bytes = contents(path());
    EXPECT_EQ(error_of({}), "name:0: the file ends before its version");
    const auto changed = [&](std::size_t at) {
        std::vector<std::byte> other = bytes;
        other[at] ^= std::byte{1};
        return error_of(other);
    };
    EXPECT_EQ(changed(1), "name:1: no profile file of Twill");
    EXPECT_EQ(changed(9), "name:8: version 259 of the format; this program reads 1 to 3");
    EXPECT_EQ(changed(12), "name:12: the byte order mark is wrong");
    EXPECT_EQ(changed(60), "name:16: the header is missing or broken");
    const auto error_of_path = [](const std::string& path) {
        try {
            static_cast<void>(twill::profile::read(path));
        } catch (const twill::tool::file_error& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    EXPECT_EQ(error_of_path("/no/file"), "/no/file:0: No such file or directory");
    EXPECT_EQ(error_of_path("/tmp"), "/tmp:0: Is a directory");
    ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
    EXPECT_EQ(error_of_path(path("pipe")), path("pipe") + ":0: not a regular file");
}

TEST_F(profile_read, later_readings_of_the_clocks_make_the_rate) {
    trace::file_header header = plain_header();
    header.ticks_per_nanosecond = 2.0;
    header.clock = {500, 0};
    trace::file_writer writer;
    ASSERT_TRUE(writer.open(path().c_str(), header));
    const std::vector<std::uint64_t> words{
        trace::event_word(trace::event_type::region_begin, 5, 0),
        trace::event_word(trace::event_type::root_begin, 3, 2'002),
        trace::wide_word(trace::event_type::second, trace::wide_from({4, 5}))};
    EXPECT_TRUE(writer.write_events(2, 500, words, 0));
    EXPECT_TRUE(writer.write_events(1, 0, std::span(words).first(1), 0));
    EXPECT_TRUE(writer.finish({500 + 2'002'000'000, 1'000'000'000}));
    EXPECT_DOUBLE_EQ(twill::profile::read(path()).ticks_per_nanosecond, 2.002);
    std::vector<twill::profile::event> events;
    twill::profile::for_each_event(
        path(), [&](const twill::profile::event& one) { events.push_back(one); });
    ASSERT_EQ(events.size(), 3U);
    EXPECT_EQ(events[0].thread, 1U);
    EXPECT_EQ(events[0].time, -250);
    EXPECT_EQ(events[1].thread, 2U);
    EXPECT_EQ(events[1].time, 0);
    EXPECT_EQ(events[1].payload, 5U);
    EXPECT_FALSE(events[1].has_second);
    EXPECT_EQ(events[2].time, 1'000);
    EXPECT_EQ(events[2].type, trace::event_type::root_begin);
    ASSERT_TRUE(events[2].has_second);
    EXPECT_EQ(trace::root_from(events[2].second), (trace::root_link{4, 5}));
}

} // namespace
