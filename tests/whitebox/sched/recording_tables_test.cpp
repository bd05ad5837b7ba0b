// SPDX-License-Identifier: Apache-2.0
// The tables of a recording: kinds, regions, responses, and the counts of tasks.
#include "sched/recorded_programs.hpp"
#include "twill/kind.hpp"
#include "twill/region.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace twill::testing_support; // NOLINT(google-build-using-namespace)
using std::chrono::milliseconds;
using twill::record_mode;
namespace trace = twill::trace;

template <class Row>
Row row_of(const std::vector<Row>& rows, const std::string& name) {
    const auto found =
        std::find_if(rows.begin(), rows.end(), [&](const Row& one) { return one.name == name; });
    EXPECT_NE(found, rows.end()) << name;
    return found != rows.end() ? *found : Row{};
}

/// Of one of the counts, over all workers at the end.
std::uint64_t count_of(const recorded_file& file, const std::string& name) {
    const auto& names = file.header.counts;
    const auto at = std::find(names.begin(), names.end(), name) - names.begin();
    std::uint64_t sum = 0;
    for (const twill::trace::worker& one : file.series.back().workers) {
        sum += one.counts.at(static_cast<std::size_t>(at));
    }
    return sum;
}

/// Each number of them submitted to a runtime of its own, and the level.
void submit(twill::runtime& to, int count, twill::priority level, milliseconds due) {
    for (int k = 0; k < count; ++k) {
        to.submit([] { spin(20); }, level, twill::deadline(due)).get();
    }
}

void levels_kinds_and_regions() {
    {
        twill::runtime ends{{.workers = 1}};
        submit(ends, 3, twill::priority::high, milliseconds(-1));
    }
    twill::runtime stays{{.workers = 1}};
    submit(stays, 2, twill::priority::high, milliseconds(3'600'000));
    submit(stays, 4, twill::priority::normal, milliseconds(3'600'000));
    submit(stays, 6, twill::priority::low, milliseconds(-1));
    const twill::region outer{"outer"};
    for (int k = 0; k < 5; ++k) {
        const twill::region inner{"inner", twill::deadline(milliseconds(k < 3 ? -1 : 3'600'000))};
        twill::task_group group;
        group.run([] { spin(50); }, twill::kind{"spins"});
        group.wait();
        group.run([] { throw std::runtime_error("on purpose"); }, twill::kind{"fails"});
        EXPECT_THROW(group.wait(), std::runtime_error);
    }
}

TEST(recording_tables, has_what_was_submitted_to_all_runtimes_by_level) {
    for (const record_mode mode : {record_mode::counters, record_mode::kinds, record_mode::full}) {
        const recorded_file file = record_in_child(2, &levels_kinds_and_regions, mode);
        const auto& levels = file.responses.by_priority;
        ASSERT_EQ(levels.size(), 3u);
        EXPECT_EQ(levels[0].count, 5u);
        EXPECT_EQ(levels[0].late, 3u);
        EXPECT_EQ(levels[1].count, 4u);
        EXPECT_EQ(levels[1].late, 0u);
        EXPECT_EQ(levels[2].count, 6u);
        EXPECT_EQ(levels[2].late, 6u);
        for (const twill::trace::responses& one : levels) {
            EXPECT_GE(one.longest, 20'000);
            EXPECT_EQ(std::accumulate(one.sampled.count.begin(), one.sampled.count.end(), 0ULL),
                      one.count);
            ASSERT_FALSE(one.sampled.upper.empty());
            EXPECT_TRUE(std::is_sorted(one.sampled.upper.begin(), one.sampled.upper.end()));
            EXPECT_GE(one.sampled.upper.back(), one.longest);
        }
    }
}

TEST(recording_tables, has_no_responses_from_before_it) {
    expect_silent_success_of(2, [](const std::string& path) {
        twill::runtime rt{{.workers = 1}};
        submit(rt, 3, twill::priority::low, milliseconds(-1));
        ASSERT_FALSE(twill::record_start(path.c_str()));
        tree(3);
        ASSERT_FALSE(twill::record_stop());
        EXPECT_TRUE(read_recorded(path).responses.by_priority.empty());
        submit(rt, 1, twill::priority::high, milliseconds(-1));
        ASSERT_FALSE(twill::record_start(path.c_str(), record_mode::kinds, true));
        submit(rt, 2, twill::priority::low, milliseconds(-1));
        ASSERT_FALSE(twill::record_stop());
        const recorded_file file = read_recorded(path);
        ASSERT_EQ(file.responses.by_priority.size(), 3u);
        EXPECT_EQ(file.responses.by_priority[0].count, 0u);
        EXPECT_EQ(file.responses.by_priority[2].count, 2u);
        EXPECT_EQ(file.responses.by_priority[2].late, 2u);
    });
}

TEST(recording_tables, has_kinds_and_regions_in_the_modes_that_say_so) {
    for (const record_mode mode : {record_mode::kinds, record_mode::full}) {
        const recorded_file file = record_in_child(2, &levels_kinds_and_regions, mode);
        const auto spins = row_of(file.kinds.kinds, "spins");
        std::uint64_t count = 0;
        for (const twill::trace::kind_on_worker& one : spins.workers) {
            count += one.count;
        }
        EXPECT_EQ(count, 5u);
        EXPECT_EQ(spins.errors, 0u);
        EXPECT_GE(spins.longest, 49'000);
        EXPECT_EQ(row_of(file.kinds.kinds, "fails").errors, 5u);
        EXPECT_EQ(row_of(file.regions.regions, "outer/inner").count, 5u);
        EXPECT_EQ(row_of(file.regions.regions, "outer/inner").late, 3u);
        EXPECT_GE(row_of(file.regions.regions, "outer/inner").late_sum, 3 * 1'000'000);
        EXPECT_EQ(row_of(file.regions.regions, "outer").count, 1u);
        EXPECT_EQ(row_of(file.regions.regions, "outer").late, 0u);
        EXPECT_EQ(row_of(file.regions.regions, "outer").late_sum, 0);
    }
    const recorded_file file = record_in_child(2, &levels_kinds_and_regions, record_mode::counters);
    EXPECT_TRUE(file.kinds.kinds.empty());
    EXPECT_TRUE(file.regions.regions.empty());
}

// Each has the time that lies in the recording, between two readings of a clock around it.
TEST(recording_tables, has_of_open_regions_what_lies_in_it) {
    expect_silent_success_of(2, [](const std::string& path) {
        using clock = std::chrono::steady_clock;
        const twill::region around{"around"};
        std::optional<twill::region> ends(std::in_place, "ends");
        std::this_thread::sleep_for(milliseconds(50));
        const auto start = clock::now();
        ASSERT_FALSE(twill::record_start(path.c_str()));
        tree(3);
        std::this_thread::sleep_for(milliseconds(2));
        ends.reset();
        const twill::region begins{"begins"};
        std::this_thread::sleep_for(milliseconds(2));
        ASSERT_FALSE(twill::record_stop());
        const std::chrono::nanoseconds taken = clock::now() - start;
        std::this_thread::sleep_for(milliseconds(50));
        const recorded_file file = read_recorded(path);
        const auto whole = row_of(file.regions.regions, "around");
        const auto first = row_of(file.regions.regions, "around/ends");
        const auto second = row_of(file.regions.regions, "around/begins");
        for (const twill::trace::region* const one : {&whole, &first, &second}) {
            EXPECT_EQ(one->count, 1u) << one->name;
            EXPECT_GE(one->wall, 2'000'000) << one->name;
            EXPECT_LE(one->wall, taken.count()) << one->name;
        }
        EXPECT_GE(whole.wall, first.wall + second.wall);
        EXPECT_GT(whole.all.useful, 0);
        EXPECT_GT(whole.in_verbs, 0);
        EXPECT_EQ(second.all.useful, 0);
        EXPECT_EQ(whole.all.open, whole.all.useful + whole.all.dispatch + whole.all.search +
                                      whole.all.parked + whole.all.preempted.value_or(0));
    });
}

/// On its place, with a core or without one.
std::int64_t busy_of(const trace::worker& one) { return one.useful + one.preempted.value_or(0); }

void two_runtimes() {
    twill::runtime stays{{.workers = 2, .name = "stays"}};
    {
        twill::runtime ends{{.workers = 1, .name = "ends"}};
        ends.run([] {
            twill::task_group group;
            group.run([] { spin(300); }, twill::kind{"elsewhere"});
            group.wait();
        });
    }
    stays.run([] { tree(6); });
}

TEST(recording_tables, has_the_accounts_of_all_runtimes) {
    for (const record_mode mode : {record_mode::counters, record_mode::kinds, record_mode::full}) {
        const recorded_file file = record_in_child(2, &two_runtimes, mode);
        ASSERT_EQ(file.runtimes.runtimes.size(), 2u);
        const auto ends = row_of(file.runtimes.runtimes, "ends");
        const auto stays = row_of(file.runtimes.runtimes, "stays");
        EXPECT_EQ(stays.number, 1u);
        EXPECT_EQ(ends.number, 2u);
        ASSERT_EQ(ends.total.workers.size(), 1u);
        ASSERT_EQ(stays.total.workers.size(), 2u);
        EXPECT_GE(busy_of(ends.total.workers[0]), 300'000);
        std::int64_t busy = 0;
        for (const trace::worker& one : stays.total.workers) {
            busy += busy_of(one);
            EXPECT_EQ(one.open, one.useful + one.dispatch + one.search + one.parked +
                                    one.preempted.value_or(0));
            EXPECT_LE(one.open, file.series.back().wall);
        }
        EXPECT_GE(busy, 64 * 2'000);
        if (mode == record_mode::counters) {
            EXPECT_TRUE(ends.kinds.empty());
        } else {
            EXPECT_EQ(row_of(ends.kinds, "elsewhere").workers.at(0).count, 1u);
            // The task's thread may have lost its core meanwhile, which is not the kind's time.
            EXPECT_GE(row_of(ends.kinds, "elsewhere").longest +
                          ends.total.workers[0].preempted.value_or(0),
                      299'000);
            EXPECT_TRUE(file.kinds.kinds.empty());
        }
    }
}

TEST(recording_tables, has_of_other_runtimes_what_lies_in_it) {
    expect_silent_success_of(2, [](const std::string& path) {
        twill::runtime stays{{.workers = 1, .name = "stays"}};
        stays.run([] { spin(20'000); });
        const auto start = std::chrono::steady_clock::now();
        ASSERT_FALSE(twill::record_start(path.c_str()));
        stays.run([] { spin(1'000); });
        ASSERT_FALSE(twill::record_stop());
        const std::chrono::nanoseconds taken = std::chrono::steady_clock::now() - start;
        const recorded_file file = read_recorded(path);
        ASSERT_EQ(file.runtimes.runtimes.size(), 1u);
        const trace::accounts& total = file.runtimes.runtimes[0].total;
        EXPECT_GE(busy_of(total.workers.at(0)), 1'000'000);
        EXPECT_LE(total.in_verbs, total.wall);
        EXPECT_LE(total.wall, taken.count());
        EXPECT_LE(total.workers.at(0).open, taken.count());
    });
}

TEST(recording_tables, adds_up_runtimes_that_have_ended_if_they_are_many) {
    const recorded_file file = record_in_child(1, [] {
        for (int k = 0; k < 70; ++k) {
            twill::runtime one{{.workers = 1, .name = "short"}};
            one.run([] { spin(10); });
        }
    });
    ASSERT_EQ(file.runtimes.runtimes.size(), 65u);
    const trace::runtime& others = file.runtimes.runtimes.back();
    EXPECT_EQ(others.name, "(others)");
    EXPECT_EQ(others.number, 0u);
    ASSERT_EQ(others.total.workers.size(), 1u);
    EXPECT_GE(busy_of(others.total.workers[0]), 6 * 10'000);
}

TEST(recording_tables, counts_tasks_and_those_that_failed) {
    const recorded_file file = record_in_child(2, &levels_kinds_and_regions, record_mode::counters);
    EXPECT_EQ(count_of(file, "tasks"), 10u);
    EXPECT_EQ(count_of(file, "failed"), 5u);
}

} // namespace
