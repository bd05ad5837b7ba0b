// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// A profile with something for every section of a report.

#include "report/outputs.hpp"

#include "profiles.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace twill_test {

using twill::tool::report_input;

inline report_input judged(twill::profile::profile of) {
    report_input made;
    made.judged = judge(of);
    made.of = std::move(of);
    return made;
}

inline report_input sample() {
    auto of = make_profile(1, 0.7, {{0.7, 0.01, 0, 0.02}, {0.5, 0.02, 0.1, 0}});
    of.counts = {"forks", "steals", "never"};
    of.total.workers[0].counts = {1000000, 3, 0};
    of.total.workers[1].counts = {2000000, 4, 0};
    of.total.workers[1].over = seconds(0.004);
    add_kind(of, "decode", 1000, 0.001, 0.01);
    of.kinds[0].errors = 3;
    add_kind(of, "caf\xc3\xa9 \x1b[31m", 10, 0.01);
    of.runtimes.push_back({1, "pool", of.total, {}});
    of.threads = {{0, 1, 4711, seconds(0.25), 2}, {1, 0, 0, 0, 0}, {3, 0, 4712, seconds(0.5), 12}};
    add_region(of, "load", 2, 0.3, 0, {});
    add_region(of, "load/parse", 2, 0.1, 0, {});
    add_region(of, "solve", 2, 0.7, 0.7, {1.2, 0.03, 0.1, 0.02});
    of.by_priority.resize(3);
    of.by_priority[0] = {100,           seconds(0.002), 4, {{1000000, 2000000}, {50, 50}},
                         seconds(0.12), seconds(0.003), 2};
    of.counted = {{{1000000000, 2000000000, 4000000}, {}}, "one thread could not", ""};
    of.joules = 12.5;
    of.dropped = 7;
    of.events = 93;
    of.complete = false;
    of.notes = {"chunk 5 is broken"};
    of.no_dag = "the mode was kinds";
    of.host = "Linux, a processor";
    of.where = {"0123abcd", "", {{4, 2, 0, 1}, {5, 2, -1, -1}}, ""};
    of.series.push_back(of.total);
    return judged(std::move(of));
}

inline bool has(const std::string& text, const std::string& words) {
    const bool found = text.find(words) != std::string::npos;
    EXPECT_TRUE(found) << '"' << words << "\" is not in\n" << text;
    return found;
}

} // namespace twill_test
