// SPDX-License-Identifier: Apache-2.0
#include "load/responses.hpp"

#include "os/clock.hpp"
#include "support/printed.hpp"
#include "twill/detail/submission.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace {

using namespace twill::load_model; // NOLINT(google-build-using-namespace)
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using twill::load_snapshot;
using twill::load_window;
using twill::priority;
using twill::response_load;

class responses : public testing::Test {
protected:
    load_snapshot now() {
        load_snapshot made;
        made.since_start.wall = milliseconds(10);
        made.since_start.responses = table.read();
        return made;
    }

    response_table table;
};

TEST_F(responses, are_none_before_the_first) {
    EXPECT_TRUE(table.read().empty());
    const load_window window = now() - load_snapshot{};
    EXPECT_TRUE(window.responses.empty());
    EXPECT_EQ(window.response(priority::low).count, 0U);
    EXPECT_EQ(window.response(priority::low).level, priority::low);
    EXPECT_EQ(window.response(priority::low).mean(), nanoseconds(0));
    EXPECT_EQ(window.response(priority::low).percentile(0.5), nanoseconds(0));
}

TEST_F(responses, are_counted_by_level) {
    for (std::uint64_t k = 1; k <= 100; ++k) {
        table.add(0, k * 1000, 0, false);
    }
    table.add(1, 5, -3, true);
    table.add(1, 7, 0, false);
    table.add(2, 1'000'000, 400, false);
    table.add(2, 3'000'000, 600, true);
    const load_window window = now().since_start;
    ASSERT_EQ(window.responses.size(), 3U);
    const response_load& high = window.response(priority::high);
    EXPECT_EQ(high.level, priority::high);
    EXPECT_EQ(high.count, 100U);
    EXPECT_EQ(high.sum, nanoseconds(5'050'000));
    EXPECT_EQ(high.mean(), nanoseconds(50'500));
    EXPECT_EQ(high.longest, nanoseconds(100'000));
    EXPECT_NEAR(static_cast<double>(high.percentile(0.5).count()), 50'000, 50'000.0 / 16);
    EXPECT_NEAR(static_cast<double>(high.percentile(0.99).count()), 99'000, 99'000.0 / 16);
    EXPECT_LE(high.percentile(1), high.longest);
    EXPECT_EQ(high.late + high.errors, 0U);
    const response_load& normal = window.response(priority::normal);
    EXPECT_EQ(normal.count, 2U);
    EXPECT_EQ(normal.sum, nanoseconds(12));
    EXPECT_NEAR(static_cast<double>(normal.percentile(0.5).count()), 5, 1);
    EXPECT_EQ(normal.late, 0U) << "in time is not late";
    EXPECT_EQ(normal.errors, 1U);
    const response_load& low = window.response(priority::low);
    EXPECT_EQ(low.count, 2U);
    EXPECT_EQ(low.late, 2U);
    EXPECT_EQ(low.late_sum, nanoseconds(1000));
    EXPECT_EQ(low.errors, 1U);
    EXPECT_EQ(low.longest, nanoseconds(3'000'000));
}

TEST_F(responses, have_windows) {
    table.add(1, 9000, 5, true);
    table.add(1, 100, 0, false);
    const load_snapshot first = now();
    table.add(1, 200, 0, false);
    table.add(1, 400, 50, false);
    const load_snapshot second = now();
    table.add(1, 10'000, 0, true);
    const load_snapshot third = now();

    const load_window nothing = second - second;
    EXPECT_TRUE(nothing.responses.empty());
    const load_window early = second - first;
    const response_load& one = early.response(priority::normal);
    EXPECT_EQ(one.count, 2U);
    EXPECT_EQ(one.sum, nanoseconds(600));
    EXPECT_EQ(one.late, 1U);
    EXPECT_EQ(one.late_sum, nanoseconds(50));
    EXPECT_EQ(one.errors, 0U);
    EXPECT_NEAR(static_cast<double>(one.longest.count()), 400, 400.0 / 16) << "not 9000";
    EXPECT_EQ(early.response(priority::high).count, 0U);
    const load_window late = third - second;
    EXPECT_EQ(late.response(priority::normal).longest, nanoseconds(10'000)) << "exact: it is new";
    EXPECT_EQ(late.response(priority::normal).errors, 1U);
}

TEST_F(responses, read_the_clocks) {
    const std::uint64_t began = twill::os::ticks();
    const std::int64_t now_ns = twill::os::monotonic_nanoseconds();
    EXPECT_LE(table.ended(1, began, twill::detail::no_deadline, false), 0);
    EXPECT_LT(table.ended(1, began, now_ns + 3'600'000'000'000, false), 0);
    EXPECT_GE(table.ended(1, began, now_ns - 1000, false), 1000);
    EXPECT_LE(table.ended(1, twill::os::ticks() + 1'000'000'000, twill::detail::no_deadline, false),
              0)
        << "a clock that is ahead";
    const std::vector<response_load> read = table.read();
    ASSERT_EQ(read.size(), 3U);
    EXPECT_EQ(read[1].count, 4U);
    EXPECT_EQ(read[1].late, 1U);
    EXPECT_EQ(read[1].percentile(0), nanoseconds(0));
}

TEST_F(responses, are_printed_where_there_are_any) {
    table.add(0, 1'500'000, 0, false);
    table.add(2, 250'000'000, 7, true);
    load_window window = now().since_start;
    window.workers.resize(1);
    const std::string printed = twill::testing_support::printed(window);
    EXPECT_NE(printed.find("submissions, from submit() to the end, in ms\n"), std::string::npos);
    const std::size_t high = printed.find("\n  high         1      1.500 ");
    ASSERT_NE(high, std::string::npos) << printed;
    EXPECT_NE(printed.find("     1.500         0         0\n", high), std::string::npos) << printed;
    EXPECT_NE(printed.find("\n   low         1    250.000 "), std::string::npos) << printed;
    EXPECT_EQ(printed.find("\nnormal"), std::string::npos) << "it has none";
}

} // namespace
