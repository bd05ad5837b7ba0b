// SPDX-License-Identifier: Apache-2.0
#include "load/region_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace {

using twill::load_model::region_path;
using twill::load_model::region_sums;
using twill::load_model::region_table;

/// A table lives as long as the process.
region_table* made() {
    static auto& all = *new std::vector<region_table*>; // NOLINT(cppcoreguidelines-owning-memory)
    all.push_back(new region_table);                    // NOLINT(cppcoreguidelines-owning-memory)
    return all.back();
}

void run_through(region_path& path) {
    path.begin({});
    path.end({}, {});
}

TEST(region_table, finds_a_path_again) {
    region_table* const table = made();
    region_path& solve = table->find(nullptr, "solve");
    EXPECT_STREQ(solve.path, "solve");
    EXPECT_EQ(&table->find(nullptr, "solve"), &solve);
    region_path& step = table->find(&solve, "step");
    EXPECT_STREQ(step.path, "solve/step");
    EXPECT_NE(&table->find(nullptr, "step"), &step);
    EXPECT_EQ(&table->find(nullptr, "solve/step"), &step);
    EXPECT_STREQ(table->find(&step, "").path, "solve/step/");
}

TEST(region_table, copies_names) {
    region_table* const table = made();
    std::string name = "first";
    const region_path& path = table->find(nullptr, name.c_str());
    name = "other";
    EXPECT_STREQ(path.path, "first");
    EXPECT_EQ(&table->find(nullptr, "first"), &path);
}

TEST(region_table, counts_what_has_no_room_as_the_others_and_says_so_once) {
    region_table* const table = made();
    std::set<const region_path*> paths;
    testing::internal::CaptureStderr();
    for (int k = 0; k < 1100; ++k) {
        region_path& one = table->find(nullptr, ("region " + std::to_string(k)).c_str());
        run_through(one);
        paths.insert(&one);
    }
    const std::string told = testing::internal::GetCapturedStderr();
    EXPECT_EQ(std::count(told.begin(), told.end(), '\n'), 1) << told;
    EXPECT_EQ(paths.size(), 1025u);
    std::uint64_t windows = 0;
    std::string last;
    table->for_each([&](const region_path& one) {
        windows += one.read().ended;
        last = one.path;
    });
    EXPECT_EQ(windows, 1100u);
    EXPECT_EQ(last, "(others)");
    EXPECT_STREQ(table->find(&table->find(nullptr, "more"), "within").path, "(others)");
}

TEST(region_table, is_filled_by_many_threads) {
    region_table* const table = made();
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int k = 0; k < 200; ++k) {
                region_path& outer = table->find(nullptr, std::to_string(k).c_str());
                run_through(table->find(&outer, "x"));
            }
        });
    }
    for (std::thread& one : threads) {
        one.join();
    }
    int paths = 0;
    table->for_each([&paths](const region_path& one) {
        ++paths;
        if (std::string(one.path).find('/') != std::string::npos) {
            EXPECT_EQ(one.read().ended, 4u);
            EXPECT_EQ(one.read().open, 0u);
        }
    });
    EXPECT_EQ(paths, 401); // with "(others)"
}

/// Readings in which everything is `value`.
region_sums all(std::uint64_t value) {
    return {value, value, {value, value, value, value}, {value, value, value, value}};
}

TEST(region_path, adds_up_windows_and_those_that_are_open) {
    region_path path;
    path.begin(all(100));
    path.begin(all(130));
    region_path::reading now = path.read(all(150));
    EXPECT_EQ(now.ended, 0u);
    EXPECT_EQ(now.open, 2u);
    EXPECT_EQ(now.sums.now, 70u);
    EXPECT_EQ(now.sums.ticks[2], 70u);
    EXPECT_EQ(path.read().sums.now, 0u);
    path.end(all(100), all(160));
    now = path.read(all(170));
    EXPECT_EQ(now.ended, 1u);
    EXPECT_EQ(now.open, 1u);
    EXPECT_EQ(now.sums.delay[3], 60u + 40u);
    EXPECT_EQ(path.read().sums.in_verbs, 60u);
    path.end(all(130), all(180));
    EXPECT_EQ(path.read(all(1000)).sums.now, 110u);
    path.begin(all(2000));
    EXPECT_EQ(path.read(all(1990)).sums.now, 110u); // began after the reading was made
}

TEST(region_path, of_a_child_has_no_open_windows) {
    region_path path;
    path.begin(all(100));
    path.forget_open();
    EXPECT_EQ(path.read(all(150)).sums.now, 0u);
    path.end(all(100), all(160)); // one of the thread that has forked
    EXPECT_EQ(path.read(all(170)).ended, 1u);
    EXPECT_EQ(path.read(all(170)).sums.now, 60u);
}

} // namespace
