// SPDX-License-Identifier: Apache-2.0
// The writers of twill export, over events as a reader would give them.
#include "export/formats.hpp"
#include "export/timeline.hpp"

#include "profiles.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <unistd.h>

namespace {

using twill::tool::event_source;
using twill::tool::output_file;
using twill::tool::recorded_event;
using twill::trace::event_type;
using exporter = std::uint64_t (*)(const twill::profile::profile&, const event_source&,
                                   output_file&);

recorded_event event(std::uint32_t thread, std::int64_t time, event_type type,
                     std::uint32_t payload, std::uint64_t second) {
    return {thread, time, type, payload, second != 0, second};
}

twill::profile::profile sample() {
    auto of = twill_test::make_profile(1, 1, {{1, 0, 0, 0}, {1, 0, 0, 0}});
    of.pid = 4711;
    of.started = 1700000000000000000;
    of.ticks_per_nanosecond = 2;
    of.kind_names = {{1, "decode;\"x\""}, {2, "check"}};
    of.region_paths = {{0, "load"}, {3, "load/parse"}};
    of.runtimes.emplace_back().number = 7;
    of.runtimes.back().name = "pool";
    return of;
}

/// Thread 0 is in two regions and a kind; thread 1 steals, runs a task and parks.
std::vector<recorded_event> events() {
    return {
        event(0, 100, event_type::region_begin, 0, 0), event(0, 150, event_type::activity, 3, 0),
        event(0, 200, event_type::region_begin, 3, 0), event(0, 300, event_type::kind_begin, 1, 0),
        event(0, 350, event_type::fork, 0, 0),         event(0, 900, event_type::kind_end, 1, 0),
        event(1, 100, event_type::activity, 1, 0),     event(1, 400, event_type::steal, 0, 0),
        event(1, 410, event_type::activity, 7, 0),     event(1, 420, event_type::root_begin, 0, 99),
        event(1, 500, event_type::task_begin, 5, 0),   event(1, 600, event_type::task_end, 5, 0),
        event(1, 700, event_type::root_end, 0, 0),     event(1, 710, event_type::activity, 0, 0),
        event(1, 720, event_type::park, 0, 0),         event(0, 1000, event_type::region_end, 3, 0),
        event(0, 1100, event_type::leave_place, 0, 0), event(0, 1250, event_type::region_end, 0, 0),
        event(1, 1300, event_type::leave_place, 0, 0),
    };
}

/// What an exporter writes, and how many ends it could not match.
std::pair<std::string, std::uint64_t> written(exporter format,
                                              const std::vector<recorded_event>& all) {
    const auto path = std::filesystem::temp_directory_path() /
                      ("twill_export_test." + std::to_string(::getpid()));
    const auto of = sample();
    output_file to(path.string());
    const std::uint64_t unmatched = format(
        of,
        [&](const std::function<void(const recorded_event&)>& callback) {
            for (const recorded_event& one : all) {
                callback(one);
            }
        },
        to);
    to.close();
    std::ifstream file(path, std::ios::binary);
    std::ostringstream bytes;
    bytes << file.rdbuf();
    std::filesystem::remove(path);
    return {bytes.str(), unmatched};
}

TEST(export_chrome, has_slices_that_nest) {
    const auto [text, unmatched] = written(&twill::tool::export_chrome, events());
    EXPECT_EQ(unmatched, 0u);
    const auto json = nlohmann::json::parse(text);
    std::map<int, std::vector<std::string>> open;
    std::vector<std::string> begun;
    std::vector<std::string> instants;
    std::map<int, double> last;
    for (const auto& one : json["traceEvents"]) {
        const std::string phase = one["ph"];
        EXPECT_EQ(one["pid"], 4711);
        if (phase == "M") {
            continue;
        }
        const int track = one["tid"];
        EXPECT_GE(one["ts"].get<double>(), last[track]);
        last[track] = one["ts"];
        if (phase == "B") {
            open[track].push_back(one["name"]);
            begun.push_back(one["name"]);
        } else if (phase == "E") {
            ASSERT_FALSE(open[track].empty());
            open[track].pop_back();
        } else {
            EXPECT_EQ(phase, "i");
            instants.push_back(one["name"]);
        }
    }
    for (const auto& [track, left] : open) {
        EXPECT_TRUE(left.empty()) << track;
    }
    EXPECT_EQ(begun, (std::vector<std::string>{"load", "useful", "parse", "decode;\"x\"", "search",
                                               "useful", "stolen", "task", "parked"}));
    EXPECT_EQ(instants, (std::vector<std::string>{"steal 0", "park"}));
}

TEST(export_folded, adds_up_the_time_of_stacks) {
    const auto [text, unmatched] = written(&twill::tool::export_folded, events());
    EXPECT_EQ(unmatched, 0u);
    EXPECT_EQ(text, "[parked] 590\n"
                    "[search] 310\n"
                    "[unnamed] 300\n"
                    "load 150\n"
                    "load;[no worker] 200\n"
                    "load;parse 200\n"
                    "load;parse;decode_\"x\" 600\n");
}

/// Thread 0 waits in a region and a kind, runs a task meanwhile, and takes a root out of another
/// region, which takes a kind over.
std::vector<recorded_event> taken() {
    const std::uint64_t out_of = twill::trace::wide_from({1, 7}, 1 + 3);
    const std::uint64_t own = twill::trace::wide_from({0, 6});
    return {
        event(0, 100, event_type::activity, 3, 0),
        event(0, 100, event_type::root_begin, 2, own),
        event(0, 100, event_type::region_begin, 0, 0),
        event(0, 200, event_type::kind_begin, 1, 0),
        event(0, 300, event_type::wait_begin, 5, 0),
        event(0, 300, event_type::task_begin, 5, 0),
        event(0, 500, event_type::task_end, 5, 0),
        event(0, 500, event_type::root_begin, 0, out_of),
        event(0, 600, event_type::kind_begin, 2, 0),
        event(0, 900, event_type::kind_end, 2, 0),
        event(0, 900, event_type::root_end, 0, 0),
        event(0, 950, event_type::wait_end, 5, 0),
        event(0, 1000, event_type::kind_end, 1, 0),
        event(0, 1500, event_type::region_end, 0, 0),
        event(0, 1500, event_type::root_end, 0, 0),
        event(0, 1500, event_type::leave_place, 0, 0),
    };
}

TEST(export_chrome, has_what_is_taken_in_the_regions_that_it_was_taken_out_of) {
    const auto [text, unmatched] = written(&twill::tool::export_chrome, taken());
    EXPECT_EQ(unmatched, 0u);
    std::vector<std::string> begun;
    std::vector<std::string> of;
    const auto json = nlohmann::json::parse(text);
    for (const auto& one : json["traceEvents"]) {
        if (one["ph"] == "B") {
            begun.push_back(one["name"]);
            of.push_back(one["cat"]);
        }
    }
    EXPECT_EQ(begun, (std::vector<std::string>{"useful", "guest", "load", "decode;\"x\"", "wait",
                                               "task", "stolen", "load", "parse", "check"}));
    EXPECT_EQ(of, (std::vector<std::string>{"activity", "verb", "region", "kind", "wait", "task",
                                            "root", "region", "region", "kind"}));
}

TEST(export_folded, has_nothing_of_what_only_waits_around) {
    const auto [text, unmatched] = written(&twill::tool::export_folded, taken());
    EXPECT_EQ(unmatched, 0u);
    EXPECT_EQ(text, "load 800\n"
                    "load;decode_\"x\" 200\n"
                    "load;parse 100\n"
                    "load;parse;check 300\n");
}

/// A thread that says that it tells of its run delay, and does: in a kind, and after its end.
std::vector<recorded_event> delayed() {
    return {
        {0, 90, event_type::delay, 0, true, 0},
        event(0, 100, event_type::activity, 3, 0),
        event(0, 100, event_type::kind_begin, 2, 0),
        event(0, 600, event_type::delay, 0, 800), // at 2 ticks a nanosecond
        event(0, 700, event_type::kind_end, 2, 0),
        event(0, 800, event_type::activity, 1, 0),
        event(0, 810, event_type::delay, 0, 100),
        event(0, 900, event_type::leave_place, 0, 0),
    };
}

TEST(export_folded, takes_run_delay_out_of_the_useful_time_before_it) {
    const auto [text, unmatched] = written(&twill::tool::export_folded, delayed());
    EXPECT_EQ(unmatched, 0u);
    EXPECT_EQ(text, "[search] 100\n"
                    "[unnamed] 50\n"
                    "[unnamed];[preempted] 50\n"
                    "check 200\n"
                    "check;[preempted] 400\n");
}

TEST(export_chrome, has_run_delay_with_its_length) {
    const auto [text, unmatched] = written(&twill::tool::export_chrome, delayed());
    EXPECT_EQ(unmatched, 0u);
    std::vector<double> lengths;
    const auto json = nlohmann::json::parse(text);
    for (const auto& one : json["traceEvents"]) {
        if (one["ph"] == "i") {
            EXPECT_EQ(one["name"], "run delay");
            lengths.push_back(one["args"]["us"]);
        }
    }
    EXPECT_EQ(lengths, (std::vector<double>{0.4, 0.05}));
}

TEST(export_perfetto, has_run_delay) {
    const auto [bytes, unmatched] = written(&twill::tool::export_perfetto, delayed());
    EXPECT_EQ(unmatched, 0u);
    EXPECT_NE(bytes.find("run delay"), std::string::npos);
}

TEST(export_csv, has_every_event) {
    const auto [text, unmatched] = written(&twill::tool::export_csv, events());
    EXPECT_EQ(unmatched, 0u);
    EXPECT_EQ(text.rfind("thread,ns,event,payload,second,runtime\n0,100,region_begin,0,0,0\n", 0),
              0u);
    EXPECT_NE(text.find("\n0,350,fork,0,0,0\n"), std::string::npos);
    EXPECT_NE(text.find("\n1,420,root_begin,0,99,0\n"), std::string::npos);
    EXPECT_EQ(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')),
              events().size() + 1);
}

// The same thread of two runtimes is two tracks.
TEST(exports, tell_threads_of_other_runtimes_apart) {
    std::vector<recorded_event> both{event(0, 10, event_type::activity, 3, 0),
                                     event(0, 20, event_type::activity, 0, 0)};
    for (const std::uint32_t runtime : {7u, 9u}) {
        both.push_back(event(0, 10, event_type::activity, 3, 0));
        both.back().runtime = runtime;
    }
    const auto [chrome, unmatched] = written(&twill::tool::export_chrome, both);
    EXPECT_EQ(unmatched, 0u);
    for (const char* const name :
         {"\"twill 0\"", "\"pool 0 of runtime 7\"", "\"twill 0 of runtime 9 activity\""}) {
        EXPECT_NE(chrome.find(name), std::string::npos) << name << " is not in\n" << chrome;
    }
    const std::string table = written(&twill::tool::export_csv, both).first;
    EXPECT_NE(table.find("\n0,10,activity,3,0,9\n"), std::string::npos) << table;
    const std::string trace = written(&twill::tool::export_perfetto, both).first;
    EXPECT_NE(trace.find("pool 0 of runtime 7 activity"), std::string::npos);
}

// A region is on the thread's track in the default runtime, and around its entry into another one.
TEST(exports, have_regions_around_what_enters_a_runtime) {
    const std::uint64_t within = twill::trace::wide_from({0, 9}, 1); // "load"
    std::vector<recorded_event> both;
    for (const std::uint32_t runtime : {0u, 7u}) {
        for (const recorded_event& one : {event(0, 10, event_type::activity, 3, 0),
                                          event(0, 10, event_type::root_begin, 2, within),
                                          event(0, 40 + runtime, event_type::root_end, 0, 0)}) {
            both.push_back(one);
            both.back().runtime = runtime;
        }
    }
    const auto [text, unmatched] = written(&twill::tool::export_folded, both);
    EXPECT_EQ(unmatched, 0u);
    EXPECT_EQ(text, "[unnamed] 30\nload 37\n");
}

TEST(exports, survive_events_that_were_dropped) {
    const std::vector<recorded_event> broken{
        event(0, 10, event_type::kind_end, 0, 0),        // its beginning is lost
        event(0, 20, event_type::region_begin, 0, 0),    //
        event(0, 30, event_type::task_begin, 1, 0),      // its end is lost
        event(0, 40, event_type::region_end, 0, 0),      //
        event(0, 50, event_type::wait_begin, 1, 0),      // the recording ends here
        event(0, 60, event_type::kind_begin, 999, 0),    // a kind that the table does not have
        event(0, 70, static_cast<event_type>(63), 0, 0), // from a later version
    };
    for (const exporter format : {&twill::tool::export_chrome, &twill::tool::export_folded,
                                  &twill::tool::export_perfetto}) {
        const auto [text, unmatched] = written(format, broken);
        EXPECT_EQ(unmatched, 4u);
        EXPECT_FALSE(text.empty());
    }
    const auto json = nlohmann::json::parse(written(&twill::tool::export_chrome, broken).first);
    int depth = 0;
    for (const auto& one : json["traceEvents"]) {
        depth += one["ph"] == "B" ? 1 : one["ph"] == "E" ? -1 : 0;
        EXPECT_GE(depth, 0);
    }
    EXPECT_EQ(depth, 0);
    EXPECT_NE(written(&twill::tool::export_csv, broken).first.find("0,70,unknown,0,0"),
              std::string::npos);
}

TEST(output_file, tells_what_does_not_arrive) {
    EXPECT_THROW(output_file("/nowhere/at/all"), std::runtime_error);
    output_file full("/dev/full");
    EXPECT_THROW(
        {
            full.write("text");
            full.close();
        },
        std::runtime_error);
}

TEST(event_names, are_one_for_each_type) {
    using twill::tool::name_of;
    EXPECT_STREQ(name_of(event_type::time), "time");
    EXPECT_STREQ(name_of(event_type::join_stolen), "join_stolen");
    EXPECT_STREQ(name_of(event_type::loop_end), "loop_end");
    EXPECT_STREQ(name_of(event_type::wait_end), "wait_end");
    EXPECT_STREQ(name_of(event_type::hand_over), "hand_over");
    EXPECT_STREQ(name_of(event_type::ended), "ended");
}

} // namespace
