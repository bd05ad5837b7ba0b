// SPDX-License-Identifier: Apache-2.0
#include "report_sample.hpp"

#include "report/bounds.hpp"
#include "report/lengths.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <sstream>

namespace {

using twill::tool::report_input;
using twill_test::add_kind;
using twill_test::has;
using twill_test::judged;
using twill_test::make_profile;
using twill_test::sample;
using twill_test::seconds;

TEST(report_text, begins_with_the_verdict) {
    const std::string text = report_as_text(sample(), {});
    EXPECT_EQ(text.rfind("VERDICT: a serial section: load\n", 0), 0u) << text;
    has(text, "  where   of 2.00 s core time (2 workers x 1.00 s wall) 60 % went into tasks, "
              "1.5 % dispatch");
    has(text, "  gain    15 % of the wall time, 1.00 s -> 850 ms: 1 - W'/W with W' = W - 300 ms");
}

TEST(report_text, has_what_was_recorded) {
    const std::string text = report_as_text(sample(), {});
    has(text, "program   program\n");
    has(text, "12.5 J by the package");
    has(text, "     0     700 ms   10.0 ms      0 ns   20.0 ms    270 ms  "
              "############################p...........");
    has(text, "and 4.00 ms above the limit");
    has(text, "counts: forks 3 million, steals 7\n");
    has(text,
        "high                100   1.20 ms   1.00 ms   1.98 ms   2.00 ms        4   3.00 ms        "
        "2\n");
    has(text, "imbalance lambda = C/(S/m) - 1 = 0.167; utilisation (S + dispatch + search)/(m W) = "
              "0.665\n");
    has(text, "throughput and error rate: absent");
    has(text, "worker           cycles     instructions  a cycle   cache misses  per 1000 in\n");
    has(text, "     0       1000000000       2000000000     2.00        4000000         2.00\n");
    has(text, "  ?: one thread could not\n");
    has(text, "the mode was kinds");
    has(text, "durations of kind \"decode\"");
    has(text, "  7 of 100 events were dropped");
    has(text, "  chunk 5 is broken");
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(text.find("never"), std::string::npos);
}

TEST(report_text, of_a_kind) {
    const std::string text = kinds_section(sample(), 0);
    has(text, "p50 and p99: of every task, within 1/16");
    std::istringstream lines(text);
    std::string line;
    std::getline(lines, line);
    std::getline(lines, line);
    std::istringstream words(line);
    std::vector<std::string> fields;
    for (std::string word; words >> word;) {
        fields.push_back(word);
    }
    const std::vector<std::string> expected{"decode", "1000", "1.00", "s",   "1.00", "ms",
                                            "1.12",   "ms",   "1.49", "ms",  "10.0", "ms",
                                            "3",      "83",   "%",    "1.00"};
    EXPECT_EQ(fields, expected) << text;
}

TEST(report_text, says_what_a_table_leaves_out) {
    report_input input = sample();
    for (int k = 0; k < 30; ++k) {
        add_kind(input.of, "kind " + std::to_string(k), 10, 1e-6);
    }
    has(kinds_section(input, 5), "and 27 more kinds; --rows 0 shows all");
    has(regions_section(input, 1), "and 2 more regions; --rows 0 shows all");
    has(durations_section(input, 5), "durations of 31 more kinds; --rows 0 shows all");
    const std::string all = kinds_section(input, 0);
    EXPECT_EQ(all.find("more kinds"), std::string::npos);
    has(all, "kind 29");
}

TEST(report_text, has_the_lateness_of_regions_if_there_is_any) {
    report_input input = sample();
    EXPECT_EQ(regions_section(input, 0).find("late"), std::string::npos);
    input.of.regions[0].late = 2;
    input.of.regions[0].late_sum = 1'500'000;
    const std::string text = regions_section(input, 0);
    has(text, "late   late by");
    has(text, "     2   1.50 ms");
    has(text, "     0         -");
    has(text, "late: ended after their deadlines, by so much in all");
}

TEST(report_text, has_other_runtimes_apart) {
    report_input input = sample();
    input.of.runtimes.front().kinds = {input.of.kinds.front()};
    const std::string text = runtimes_section(input, 0);
    has(text, "1, pool: 1.00 s in the recording");
    has(text, "  worker 1");
    has(text, "  kind decode: 1000 tasks, 1.00 s, the longest 10.0 ms, 3 errors");
    has(text, "beside the default one");
    EXPECT_EQ(text.find("work"), text.find("worker 0"));
    input.of.runtimes.front().dropped = 3;
    input.of.runtimes.front().no_dag = "3 events were dropped";
    has(runtimes_section(input, 0), "  no work and span: 3 events were dropped");
    twill::profile::dag& strands = input.of.runtimes.front().strands.emplace();
    strands.work = seconds(1.5);
    strands.span = seconds(0.5);
    strands.strands = 30;
    strands.longest_strand = seconds(0.25);
    has(runtimes_section(input, 0),
        "  work T1 = 1.50 s, span Tinf = 500 ms, 30 strands, the longest 250 ms");
    input.of.runtimes.clear();
    EXPECT_EQ(runtimes_section(input, 0), "");
}

/// As of a machine with two nodes.
report_input far_and_near() {
    report_input input = sample();
    input.of.counts = {"forks", "stolen", "stolen_remote", "placed", "displaced"};
    input.of.total.workers[0].counts = {5, 30, 10, 95, 5};
    input.of.total.workers[1].counts = {6, 0, 0, 0, 0};
    input.of.runtimes.front().total = input.of.total;
    return input;
}

TEST(report_text, has_steals_and_placed_work_by_node_if_there_are_any) {
    report_input input = far_and_near();
    const std::string text = workers_section(input);
    has(text, "worker        local       remote   share       placed    displaced   share\n"
              "     0           20           10    33 %           95            5   5.0 %\n"
              "     1            0            0       -            0            0       -\n"
              "   all           20           10    33 %           95            5   5.0 %\n"
              "  local, remote: steals on the worker's own NUMA node");
    has(runtimes_section(input, 0),
        "  steals: 20 local, 10 remote; parts of placed loops: 95 placed, 5 displaced\n");
    // A steal that lies in the later one of two readings alone.
    input.of.total.workers[0].counts = {5, 9, 10, 0, 0};
    has(workers_section(input), "     0            0            9   100 %            0");
}

/// As of a machine with several L3 caches.
report_input on_levels() {
    report_input input = sample();
    input.of.counts = {"stolen", "stolen_remote", "stolen_middle", "stolen_far"};
    input.of.total.workers[0].counts = {30, 5, 7, 3};
    input.of.total.workers[1].counts = {4, 0, 0, 0};
    input.of.runtimes.front().total = input.of.total;
    return input;
}

TEST(report_text, has_steals_by_level_if_there_are_several) {
    report_input input = on_levels();
    has(workers_section(input), "worker         near       middle          far\n"
                                "     0           20            7            3\n"
                                "     1            4            0            0\n"
                                "   all           24            7            3\n"
                                "  near, middle, far: steals at which the two workers share");
    has(runtimes_section(input, 0), "  steals: 24 near, 7 middle, 3 far\n");
    // Steals that lie in the later ones of three readings alone.
    input.of.total.workers[0].counts = {9, 5, 7, 3};
    has(workers_section(input), "     0            0            6            3\n");
    // One node, so nothing is remote.
    input.of.total.workers[0].counts = {30, 0, 7, 0};
    const std::string text = workers_section(input);
    has(text, "   all           27            7            0\n");
    EXPECT_EQ(text.find("  local, remote"), std::string::npos) << text;
    input.of.total.workers[0].counts = {30, 0, 0, 0};
    EXPECT_EQ(workers_section(input).find("near"), std::string::npos);
}

TEST(report_text, of_a_machine_with_one_node_has_no_such_table) {
    report_input input = far_and_near();
    for (auto& one : input.of.total.workers) {
        one.counts = {5, 30, 0, 0, 0};
    }
    input.of.runtimes.front().total = input.of.total;
    EXPECT_EQ(workers_section(input).find("remote"), std::string::npos);
    EXPECT_EQ(runtimes_section(input, 0).find("remote"), std::string::npos);
    has(workers_section(input), "counts: forks 10, stolen 60\n");
}

TEST(report_text, of_a_file_without_these_counts_says_so) {
    const auto figures_of = [](const report_input& input) {
        return nlohmann::json::parse(report_as_json(input))["figures"];
    };
    const auto known = figures_of(far_and_near());
    EXPECT_EQ(known["steals"]["local"], 20);
    EXPECT_EQ(known["steals"]["remote"], 10);
    EXPECT_EQ(
        figures_of(on_levels())["steals"],
        nlohmann::json({{"local", 29}, {"remote", 5}, {"near", 24}, {"middle", 7}, {"far", 3}}));
    EXPECT_EQ(known["parts_of_placed_loops"], nlohmann::json({{"placed", 95}, {"displaced", 5}}));
    report_input older = far_and_near();
    older.of.counts = {"forks", "stolen"};
    for (auto& one : older.of.total.workers) {
        one.counts.resize(2);
    }
    EXPECT_EQ(workers_section(older).find("remote"), std::string::npos);
    for (const char* where : {"local", "remote", "near", "middle", "far"}) {
        EXPECT_TRUE(figures_of(older)["steals"][where].is_null()) << where;
    }
    EXPECT_TRUE(figures_of(older)["parts_of_placed_loops"]["placed"].is_null());
    EXPECT_TRUE(figures_of(older)["parts_of_placed_loops"]["displaced"].is_null());
}

// The node of a steal was known before its level was.
TEST(report_text, of_a_file_without_levels_says_nothing_of_them) {
    const report_input older = far_and_near();
    EXPECT_EQ(workers_section(older).find("middle"), std::string::npos);
    EXPECT_EQ(runtimes_section(older, 0).find("middle"), std::string::npos);
    const auto steals = nlohmann::json::parse(report_as_json(older))["figures"]["steals"];
    EXPECT_EQ(steals["remote"], 10);
    for (const char* level : {"near", "middle", "far"}) {
        EXPECT_TRUE(steals[level].is_null()) << level;
    }
}

TEST(report_text, has_the_sections_that_are_asked_for) {
    const std::string text = report_as_text(sample(), {{"kinds", "notes"}, 20});
    EXPECT_EQ(text.rfind("kind ", 0), 0u) << text;
    has(text, "notes\n");
    EXPECT_EQ(text.find("VERDICT"), std::string::npos);
    EXPECT_EQ(text.find("worker "), std::string::npos);
    for (const std::string& name : twill::tool::section_names()) {
        EXPECT_FALSE(report_as_text(sample(), {{name}, 20}).empty()) << name;
    }
}

TEST(report_text, of_a_full_record_has_work_and_span) {
    report_input input = sample();
    input.of.strands.emplace();
    input.of.strands->work = seconds(1.2);
    input.of.strands->span = seconds(0.3);
    input.of.strands->burdened = seconds(0.4);
    input.of.strands->strands = 5000;
    input.of.strands->longest_strand = seconds(0.05);
    input.of.strands->strand_lengths = {{1000, 2000, 4000}, {10, 0, 30}};
    const std::string text = figures_section(input);
    has(text,
        "work T1 = 1.20 s, span Tinf = 300 ms, with steals 400 ms; parallelism T1/Tinf = 4\n");
    // By bounds.hpp: (1.2 - 0.3)/2 + 0.3, and 1.2/2 + 0.05/2.
    has(text, "(T1 - Tinf)/m + Tinf = 750 ms (Brent)");
    has(text, "T1/m + (1 - 1/m) longest = 625 ms (Graham)");
    const auto json = nlohmann::json::parse(report_as_json(input))["figures"];
    EXPECT_EQ(json["brent_bound"], 750'000'000);
    EXPECT_EQ(json["graham_bound"], 625'000'000);
    has(text, "L = max(S/m, longest task, Tinf) = 600 ms; quality W/L = 1.667");
    has(text, "strands contain preemption: the file does not tell");
    input.of.strands->delay = 0;
    EXPECT_EQ(figures_section(input).find("strands contain preemption"), std::string::npos);
    const std::string lengths = durations_section(input, 20);
    has(lengths, "durations of strands (40 in all)");
    has(lengths, "below  1.00 us             10  #################\n");
    has(lengths, "below  2.00 us              0\n");
    has(lengths, "below  4.00 us             30  " + std::string(50, '#') + "\n");
    const auto bounds = bounds_of(input);
    EXPECT_DOUBLE_EQ(*bounds.parallelism, 4);
    input.of.strands->upper_bound = true;
    EXPECT_DOUBLE_EQ(bounds_of(input).lower, 600e6);
    has(figures_section(input), "at most (groups of tasks)");
}

TEST(report_text, lines_fit) {
    std::istringstream lines(report_as_text(sample(), {}));
    for (std::string line; std::getline(lines, line);) {
        EXPECT_LE(line.size(), 105u) << line;
    }
    const std::string text =
        twill::tool::paragraph("cause", std::string(30, 'x') + ' ' + std::string(80, 'y') + " z");
    EXPECT_EQ(text,
              "  cause   " + std::string(30, 'x') + "\n          " + std::string(80, 'y') + " z\n");
}

TEST(report_text, of_nothing) {
    const report_input empty = judged({});
    has(report_as_text(empty, {}), "no verb has run");
    EXPECT_EQ(nlohmann::json::parse(report_as_json(empty))["verdict"]["cause"], "nothing");
}

TEST(report_json, has_everything_in_nanoseconds) {
    const report_input input = sample();
    const auto json = nlohmann::json::parse(report_as_json(input));
    EXPECT_EQ(json["verdict"]["cause"], "serial_section");
    EXPECT_EQ(json["verdict"]["subject"], "load");
    EXPECT_NEAR(json["verdict"]["gain"].get<double>(), 0.15, 1e-9);
    const auto& accounts = json["verdict"]["accounts"];
    EXPECT_EQ(accounts["useful"].get<std::int64_t>() + accounts["dispatch"].get<std::int64_t>() +
                  accounts["starved"].get<std::int64_t>() + accounts["serial"].get<std::int64_t>() +
                  accounts["preempted"].get<std::int64_t>() +
                  accounts["capped"].get<std::int64_t>(),
              accounts["capacity"].get<std::int64_t>());
    EXPECT_EQ(json["total"]["wall"], seconds(1));
    EXPECT_EQ(json["total"]["workers"][1]["counts"]["forks"], 2000000);
    EXPECT_EQ(json["total"]["workers"][0]["preempted"], seconds(0.02));
    EXPECT_EQ(json["series"].size(), 1u);
    EXPECT_EQ(json["kinds"][0]["name"], "decode");
    EXPECT_EQ(json["kinds"][0]["count"], 1000);
    EXPECT_EQ(json["kinds"][0]["total"], seconds(1));
    EXPECT_EQ(json["kinds"][0]["errors"], 3);
    EXPECT_EQ(json["regions"][1]["name"], "load/parse");
    EXPECT_EQ(json["regions"][1]["late"], 0);
    EXPECT_EQ(json["responses"][0]["late"], 4);
    EXPECT_EQ(json["responses"][0]["durations"]["p50"], 1000000);
    EXPECT_EQ(json["strands"], nullptr);
    EXPECT_EQ(json["no_dag"], "the mode was kinds");
    EXPECT_EQ(json["joules"], 12.5);
    EXPECT_EQ(json["dropped"], 7);
    EXPECT_EQ(json["complete"], false);
    EXPECT_EQ(json["notes"][0], "chunk 5 is broken");
}

TEST(report_json, takes_names_that_are_no_utf8_and_unknown_columns) {
    report_input input = sample();
    input.of.kinds[0].name = "\xff\xfe";
    input.of.total.workers[0].preempted.reset();
    input.of.total.cpu.reset();
    const auto json = nlohmann::json::parse(report_as_json(input));
    EXPECT_EQ(json["kinds"][0]["name"], "\xef\xbf\xbd\xef\xbf\xbd");
    EXPECT_EQ(json["total"]["workers"][0]["preempted"], nullptr);
    EXPECT_EQ(json["total"]["cpu"], nullptr);
}

TEST(percentile, lies_within_its_bucket) {
    using twill::tool::percentile;
    const twill::profile::histogram of{{10, 20, 40, 80}, {0, 50, 0, 50}};
    EXPECT_EQ(percentile(of, 0.25, 80), 15);
    EXPECT_EQ(percentile(of, 0.5, 80), 20);
    EXPECT_EQ(percentile(of, 0.75, 80), 60);
    EXPECT_EQ(percentile(of, 1, 80), 80);
    EXPECT_EQ(percentile(of, 1, 50), 50);
    EXPECT_EQ(percentile(of, 0.99, 30), 40); // a longest that is not among the samples
    EXPECT_EQ(percentile({}, 0.5, 80), 0);
}

} // namespace
