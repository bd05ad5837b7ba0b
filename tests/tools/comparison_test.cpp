// SPDX-License-Identifier: Apache-2.0
#include "compare/comparison.hpp"

#include "profiles.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <random>

namespace {

using twill::profile::profile;
using twill::tool::bootstrap_ratio;
using twill::tool::compare;
using twill::tool::comparison;
using twill::tool::median;
using twill_test::add_kind;
using twill_test::make_profile;
using twill_test::seconds;

constexpr double gate = 0.05;

profile run(double wall, double useful, double search = 0) {
    return make_profile(wall, wall, {{useful, 0, search, 0}, {useful, 0, search, 0}});
}

bool has(const std::string& text, const std::string& words) {
    const bool found = text.find(words) != std::string::npos;
    EXPECT_TRUE(found) << '"' << words << "\" is not in\n" << text;
    return found;
}

TEST(median, is_the_middle) {
    EXPECT_EQ(median({}), 0);
    EXPECT_EQ(median({3}), 3);
    EXPECT_EQ(median({5, 1, 3}), 3);
    EXPECT_EQ(median({4, 1, 2, 8}), 3);
}

TEST(bootstrap_ratio, needs_two_on_each_side) {
    EXPECT_FALSE(bootstrap_ratio({1}, {1, 2}));
    EXPECT_FALSE(bootstrap_ratio({1, 2}, {1}));
    EXPECT_FALSE(bootstrap_ratio({0, 0}, {1, 2}));
}

TEST(bootstrap_ratio, is_the_same_every_time) {
    const std::vector<double> before{10, 11, 9, 10.5};
    const std::vector<double> after{12, 13, 11.5};
    const auto first = bootstrap_ratio(before, after);
    const auto second = bootstrap_ratio(before, after);
    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->low, second->low);
    EXPECT_EQ(first->high, second->high);
    EXPECT_LT(first->low, 12 / 10.25);
    EXPECT_GT(first->high, 12 / 10.25);
    EXPECT_GE(first->low, 11.5 / 11);
    EXPECT_LE(first->high, 13.0 / 9);
}

TEST(bootstrap_ratio, contains_the_truth_mostly) {
    std::mt19937_64 engine(7);
    std::normal_distribution<double> noise(1, 0.05);
    int inside = 0;
    constexpr int tries = 100;
    for (int k = 0; k < tries; ++k) {
        std::vector<double> before(15);
        std::vector<double> after(15);
        for (auto& one : before) {
            one = noise(engine);
        }
        for (auto& one : after) {
            one = 1.2 * noise(engine);
        }
        const auto between = bootstrap_ratio(before, after);
        ASSERT_TRUE(between);
        inside += between->low <= 1.2 && 1.2 <= between->high ? 1 : 0;
    }
    EXPECT_GE(inside, 88);
}

TEST(comparison, of_single_profiles) {
    const comparison same = compare({run(1, 1)}, {run(1.04, 1.04)}, gate);
    EXPECT_FALSE(same.regression);
    EXPECT_FALSE(same.between);
    const comparison slower = compare({run(1, 1)}, {run(1.06, 1.06)}, gate);
    EXPECT_TRUE(slower.regression);
    EXPECT_NEAR(slower.ratio, 1.06, 1e-9);
    EXPECT_FALSE(compare({run(1, 1)}, {run(1.06, 1.06)}, 0.1).regression);
    EXPECT_FALSE(compare({run(1, 1)}, {run(0.5, 0.5)}, gate).regression);
    has(comparison_as_text(slower),
        "REGRESSION: +6.0 % of the wall time, beyond the gate of 5.0 %");
    has(comparison_as_text(slower), "an interval needs two profiles a side");
}

TEST(comparison, of_several_is_no_regression_within_the_noise) {
    const std::vector<profile> noisy{run(1, 1), run(1.2, 1.2), run(0.9, 0.9)};
    const comparison within = compare(noisy, {run(1.08, 1), run(0.9, 0.9), run(1.25, 1.2)}, gate);
    EXPECT_GT(within.ratio, 1 + gate);
    ASSERT_TRUE(within.between);
    EXPECT_LT(within.between->low, 1);
    EXPECT_FALSE(within.regression);
    has(comparison_as_text(within), "the interval contains 1");
    const comparison beyond = compare(noisy, {run(1.5, 1), run(1.4, 1), run(1.45, 1)}, gate);
    EXPECT_TRUE(beyond.regression);
    EXPECT_GT(beyond.between->low, 1);
}

TEST(comparison, names_the_account_that_moved) {
    const auto account = [](const comparison& of) {
        return of.account ? of.accounts[*of.account].name : std::string("none");
    };
    const comparison inflated = compare({run(1, 1)}, {run(1.3, 1.3)}, gate);
    EXPECT_EQ(account(inflated), "useful");
    EXPECT_EQ(inflated.after.findings.front().what, twill::profile::cause::work_inflation);
    has(comparison_as_text(inflated), "work inflation");
    EXPECT_EQ(account(compare({run(1, 1)}, {run(1.3, 1, 0.2)}, gate)), "starved");
    profile serial = run(1.3, 1);
    serial.total.in_verbs = seconds(1);
    EXPECT_EQ(account(compare({run(1, 1)}, {serial}, gate)), "serial");
    profile preempted = run(1.3, 1);
    for (auto& one : preempted.total.workers) {
        one.preempted = one.parked;
        one.parked = 0;
    }
    EXPECT_EQ(account(compare({run(1, 1)}, {preempted}, gate)), "preempted");
    EXPECT_EQ(account(compare({run(1.3, 1, 0.3)}, {run(1, 1)}, gate)), "starved");
    EXPECT_EQ(account(compare({run(1, 1)}, {run(1, 1)}, gate)), "none");
}

TEST(comparison, names_the_kinds_that_moved) {
    profile before = run(1, 1);
    add_kind(before, "same", 1000, 0.001);
    add_kind(before, "grown", 500, 0.001);
    add_kind(before, "gone", 100, 0.001);
    profile after = run(1.5, 1.5);
    add_kind(after, "same", 1000, 0.001);
    add_kind(after, "grown", 500, 0.003);
    add_kind(after, "new", 10, 0.01);
    const comparison made = compare({before}, {after}, gate);
    ASSERT_EQ(made.kinds.size(), 4u);
    EXPECT_EQ(made.kinds[0].total.name, "grown");
    EXPECT_NEAR(made.kinds[0].total.by(), 1e9, 1);
    EXPECT_NEAR(made.kinds[0].mean_before, 1e6, 1);
    EXPECT_NEAR(made.kinds[0].mean_after, 3e6, 1);
    EXPECT_EQ(made.kinds[3].total.name, "same");
    const std::string text = comparison_as_text(made);
    has(text, "1 other kinds moved less");
    EXPECT_EQ(text.find("\nsame"), std::string::npos);
    const auto json = nlohmann::json::parse(comparison_as_json(made));
    EXPECT_EQ(json["kinds"].size(), 4u);
    EXPECT_EQ(json["kinds"][0]["after"], seconds(1.5));
    EXPECT_EQ(json["interval"], nullptr);
    EXPECT_EQ(json["regression"], true);
    EXPECT_EQ(json["account"], "useful");
}

TEST(comparison, tells_what_differs_around_the_program) {
    profile other = run(1, 1);
    other.host = "elsewhere";
    other.mode = "full";
    other.cores = 64;
    other.complete = false;
    EXPECT_EQ(compare({run(1, 1)}, {other}, gate).notes.size(), 4u);
    EXPECT_TRUE(compare({run(1, 1)}, {run(1, 1)}, gate).notes.empty());
    has(comparison_as_text(compare({run(1, 1)}, {other}, gate)), "note: the profiles are from");
}

} // namespace
