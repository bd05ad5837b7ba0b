// SPDX-License-Identifier: Apache-2.0
// What a report says of the program, of its threads, and of what the machine counts.
#include "report_sample.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace {

using twill_test::has;
using twill_test::sample;
using twill_test::seconds;

TEST(report_machine, of_blocked_threads) {
    auto input = sample();
    const std::string text = threads_section(input, 0);
    has(text, "thread  system id   blocked     times    of W  whose\n"
              "     3       4712    500 ms        12    50 %  the runtime's\n"
              "     0       4711    250 ms         2    25 %  the program's\n"
              "  and 1 that was not\n");
    has(threads_section(input, 1), "  and 1 more threads; --rows 0 shows all\n");
    const auto json = nlohmann::json::parse(report_as_json(input))["threads"];
    EXPECT_EQ(json[0]["from_outside"], true);
    EXPECT_EQ(json[2]["blocked"], 500'000'000);
    EXPECT_EQ(json[2]["blocks"], 12);
    input.of.threads.clear();
    EXPECT_EQ(threads_section(input, 0), "");
}

TEST(report_machine, has_the_rates_of_tasks) {
    auto input = sample();
    input.of.counts = {"tasks", "failed", "never"};
    input.of.total.workers[0].counts = {1500, 30, 0};
    input.of.total.workers[1].counts = {500, 0, 0};
    has(figures_section(input), "throughput: 2000 tasks from queues, 2000 a second; error rate: "
                                "1.5 % ended by an exception\n");
    const auto json = nlohmann::json::parse(report_as_json(input))["figures"];
    EXPECT_EQ(json["tasks"], 2000);
    EXPECT_DOUBLE_EQ(json["throughput"].get<double>(), 2000);
    EXPECT_DOUBLE_EQ(json["error_rate"].get<double>(), 0.015);
    EXPECT_NEAR(json["imbalance"].get<double>(), 0.7 / 0.6 - 1, 1e-9);
    EXPECT_NEAR(json["utilisation"].get<double>(), 1.33 / 2, 1e-9);
    input.of.counts.pop_back();
    input.of.counts.pop_back();
    EXPECT_TRUE(nlohmann::json::parse(report_as_json(input))["figures"]["error_rate"].is_null());
}

TEST(report_machine, says_why_the_machine_does_not_count) {
    auto input = sample();
    input.of.joules.reset();
    input.of.counted = {{{}, {}}, "TWILL_COUNTERS=1 was not set", "no energy counter"};
    has(accounts_section(input), "energy    absent: no energy counter\n");
    has(workers_section(input),
        "cycles, instructions, cache misses: absent: TWILL_COUNTERS=1 was not set\n");
    const auto json = nlohmann::json::parse(report_as_json(input))["hardware"];
    EXPECT_EQ(json["joules_absent"], "no energy counter");
    EXPECT_TRUE(json["workers"][1]["cycles"].is_null());
    input.of.counted.reset();
    input.of.by_priority[0].sum.reset();
    has(accounts_section(input), "energy    absent: the file is older than this\n");
    EXPECT_TRUE(nlohmann::json::parse(report_as_json(input))["hardware"].is_null());
    has(responses_section(input), "high                100         ?   1.00 ms");
}

TEST(report_machine, says_which_program_ran_where) {
    auto input = sample();
    has(accounts_section(input), "program   program\nbuild id  0123abcd\n");
    has(places_section(input, 0), "place       PU   core     L3   node\n"
                                  "     0       4      2      0      1\n"
                                  "     1       5      2      -      -\n");
    has(places_section(input, 1), "  and 1 more workers; --rows 0 shows all\n");
    const auto json = nlohmann::json::parse(report_as_json(input))["machine"];
    EXPECT_EQ(json["build_id"], "0123abcd");
    EXPECT_EQ(json["workers"][0]["pu"], 4);
    EXPECT_TRUE(json["workers"][1]["l3"].is_null());
    input.of.where = {"", "linked without one", {}, "too short"};
    has(accounts_section(input), "build id  absent: linked without one\n");
    has(places_section(input, 0), "places    absent: too short\n");
    input.of.where.reset();
    has(accounts_section(input), "build id  absent: the file is older than this\n");
    has(places_section(input, 0), "places    absent: the file is older than this\n");
    EXPECT_TRUE(nlohmann::json::parse(report_as_json(input))["machine"].is_null());
}

} // namespace
