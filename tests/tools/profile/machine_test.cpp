// SPDX-License-Identifier: Apache-2.0
// What a file says of threads, of the program and its places, and of what the machine counts.
#include "profile/read.hpp"
#include "recording.hpp"

#include <limits>
#include <optional>

namespace {

using namespace twill::profile::testing;
using twill::profile::profile;
namespace trace = twill::trace;

class profile_machine : public profile_test {
protected:
    template <class... Records>
    [[nodiscard]] profile read_back(const Records&... records) const {
        trace::file_writer writer;
        EXPECT_TRUE(writer.open(path().c_str(), plain_header(), trace::existing_file::overwrite));
        EXPECT_TRUE((writer.write(records) && ...));
        EXPECT_TRUE(writer.finish({}));
        return twill::profile::read(path());
    }
};

TEST_F(profile_machine, blocked_threads) {
    const profile all = read_back(trace::thread_table{{{0, 1, 42, 1, 1}}},
                                  trace::thread_table{{{0, 1, 42, 700, 3}, {5, 0, 0, 0, 0}}});
    ASSERT_EQ(all.threads.size(), 2U);
    EXPECT_EQ(all.threads[0].number, 0U);
    EXPECT_EQ(all.threads[0].from_outside, 1U);
    EXPECT_EQ(all.threads[0].system_id, 42);
    EXPECT_EQ(all.threads[0].blocked, 700); // the last one counts
    EXPECT_EQ(all.threads[0].blocks, 3U);
    EXPECT_EQ(all.threads[1].number, 5U);
}

TEST_F(profile_machine, the_program_and_its_places) {
    const profile all =
        read_back(trace::machine{"", "none", {}, "not yet"},
                  trace::machine{"0123abcd", "", {{4, 2, -1, 1}, {5, 2, 0, -1}}, "\x1b"});
    ASSERT_TRUE(all.where);
    EXPECT_EQ(all.where->build_id, "0123abcd");
    EXPECT_EQ(all.where->no_build_id, "");
    EXPECT_EQ(all.where->no_places, "?");
    ASSERT_EQ(all.where->workers.size(), 2U);
    EXPECT_EQ(all.where->workers[0].pu, 4);
    EXPECT_EQ(all.where->workers[0].core, 2);
    EXPECT_EQ(all.where->workers[0].l3, -1);
    EXPECT_EQ(all.where->workers[1].node, -1);
}

TEST_F(profile_machine, counts_of_the_processor_and_responses) {
    const profile all = read_back(
        trace::hardware{{{100, 250, std::nullopt}, {7, 8, 9}}, "one\x1b refused", "no counter"},
        trace::response_table{{{1, 2, 3, {{5}, {1}}, 2, 1, 0}, {4, 5, 6, {}}}});
    ASSERT_TRUE(all.counted);
    ASSERT_EQ(all.counted->workers.size(), 2U);
    EXPECT_EQ(all.counted->workers[0].instructions, 250U);
    EXPECT_FALSE(all.counted->workers[0].cache_misses);
    EXPECT_EQ(all.counted->workers[1].cache_misses, 9U);
    EXPECT_EQ(all.counted->counters_absent, "one? refused");
    EXPECT_EQ(all.counted->joules_absent, "no counter");
    EXPECT_EQ(all.by_priority[0].sum, 2);
    EXPECT_EQ(all.by_priority[0].late_sum, 1);
    EXPECT_EQ(all.by_priority[0].errors, 0U);
    EXPECT_FALSE(all.by_priority[1].sum || all.by_priority[1].late_sum ||
                 all.by_priority[1].errors);
}

TEST_F(profile_machine, absent_in_a_file_without_them) {
    const profile all = read_back(trace::note{"nothing"});
    EXPECT_TRUE(all.threads.empty());
    EXPECT_FALSE(all.where);
    EXPECT_FALSE(all.counted);
}

TEST_F(profile_machine, what_no_writer_writes_is_left_out) {
    constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
    const profile all = read_back(trace::thread_table{{{0, 0, 0, -1, 0}}},
                                  trace::thread_table{{{0, 0, 0, largest, 0}}},
                                  trace::response_table{{{1, 2, 3, {}, -5, 1, 0}}});
    EXPECT_TRUE(all.threads.empty());
    EXPECT_TRUE(all.by_priority.empty());
    EXPECT_FALSE(all.notes.empty());
}

} // namespace
