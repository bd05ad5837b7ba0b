// SPDX-License-Identifier: Apache-2.0
// Kinds and regions as events of a full record, and the names of their numbers.
#include "sched/recorded_programs.hpp"
#include "twill/kind.hpp"
#include "twill/region.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace twill::testing_support; // NOLINT(google-build-using-namespace)
using twill::trace::root_why;

/// What regions and kinds of one thread begin and end, in their order: "+name", "-name".
std::vector<std::string> names_of(const recorded_file& file, std::uint32_t thread) {
    std::vector<std::string> all;
    for (const recorded_event& one : file.threads.at(thread)) {
        switch (one.type) {
        case event_type::kind_begin:
            all.push_back("+" + file.kind_names.at(one.payload));
            break;
        case event_type::kind_end:
            all.push_back("-" + file.kind_names.at(one.payload));
            break;
        case event_type::region_begin:
            all.push_back("+" + file.region_paths.at(one.payload));
            break;
        case event_type::region_end:
            all.push_back("-" + file.region_paths.at(one.payload));
            break;
        default:
            break;
        }
    }
    return all;
}

/// The threads that have any.
std::vector<std::vector<std::string>> names_by_thread(const recorded_file& file) {
    std::vector<std::vector<std::string>> all;
    for (const auto& [thread, events] : file.threads) {
        if (std::vector<std::string> names = names_of(file, thread); !names.empty()) {
            all.push_back(std::move(names));
        }
    }
    return all;
}

class recording_names_with : public testing::TestWithParam<int> {};

TEST_P(recording_names_with, every_kind_and_region_begins_and_ends) {
    const recorded_file file = record_in_child(GetParam(), [] {
        const twill::kind unused{"unused"};
        const twill::region outer{"outer"};
        for (int k = 0; k < 5; ++k) {
            const twill::region inner{"inner"};
            twill::task_group group;
            group.run([] { spin(20); }, twill::kind{"spins"});
            group.wait();
            group.run([] { throw std::runtime_error("on purpose"); }, twill::kind{"fails"});
            EXPECT_THROW(group.wait(), std::runtime_error);
            twill::parallel_invoke([] { const twill::region within{"within"}; }, [] { tree(3); });
        }
    });
    expect_balanced(file);
    EXPECT_EQ(file.dropped, 0u);
    for (const auto& [path, count] :
         {std::pair("outer", 1u), {"outer/inner", 5u}, {"outer/inner/within", 5u}}) {
        EXPECT_EQ(file.count(event_type::region_begin, path), count) << path;
        EXPECT_EQ(file.count(event_type::region_end, path), count) << path;
    }
    for (const char* const kind : {"spins", "fails"}) {
        EXPECT_EQ(file.count(event_type::kind_begin, kind), 5u) << kind;
        EXPECT_EQ(file.count(event_type::kind_end, kind), 5u) << kind;
    }
    EXPECT_EQ(file.count(event_type::kind_begin), 10u);
    EXPECT_EQ(file.count(event_type::region_begin), 11u);
    std::set<std::string> kinds;
    for (const auto& [number, name] : file.kind_names) {
        EXPECT_TRUE(kinds.insert(name).second) << name;
    }
    EXPECT_EQ(kinds, (std::set<std::string>{"(others)", "fails", "spins", "unused"}));
}

INSTANTIATE_TEST_SUITE_P(workers, recording_names_with, testing::Values(1, 2, 8));

// The numbers of both are the process's, and the tables of one recording have rows of what it saw.
TEST(recording_names, are_right_where_the_tables_have_other_rows) {
    expect_silent_success_of(2, [](const std::string& path) {
        for (const char* const early : {"a", "b", "c"}) {
            const twill::region one{early};
            twill::parallel_for(0, 4, [](int) { spin(1); }, twill::kind{early});
        }
        ASSERT_FALSE(twill::record_start(path.c_str(), twill::record_mode::full));
        {
            const twill::region one{"late"};
            twill::parallel_for(0, 1, [](int) { spin(1); }, twill::kind{"late"});
        }
        ASSERT_FALSE(twill::record_stop());
        const recorded_file file = read_recorded(path);
        EXPECT_EQ(file.regions.regions.size(), 1u);
        EXPECT_EQ(names_by_thread(file),
                  (std::vector<std::vector<std::string>>{{"+late", "+late", "-late", "-late"}}));
    });
}

TEST(recording_names, of_what_is_stolen_are_those_that_it_is_taken_out_of) {
    const recorded_file file = record_in_child(2, [] {
        const twill::region outer{"outer"};
        const twill::region inner{"inner"};
        const std::uint64_t before = twill::load().since_start.total().stolen;
        do {
            twill::parallel_for(0, 1, [](int) { tree(8); }, twill::kind{"splits"});
        } while (twill::load().since_start.total().stolen == before);
    });
    expect_balanced(file);
    std::uint64_t stolen = 0;
    for (const auto& [thread, events] : file.threads) {
        for (std::size_t k = 0; k < events.size(); ++k) {
            const recorded_event& one = events[k];
            if (one.type != event_type::root_begin ||
                one.payload != static_cast<std::uint32_t>(root_why::steal)) {
                continue;
            }
            ++stolen;
            const std::uint32_t region = twill::trace::region_from(one.second);
            ASSERT_NE(region, 0u);
            EXPECT_EQ(file.region_paths.at(region - 1), "outer/inner");
            ASSERT_LT(k + 1, events.size());
            ASSERT_EQ(events[k + 1].type, event_type::kind_begin);
            EXPECT_EQ(file.kind_names.at(events[k + 1].payload), "splits");
        }
    }
    EXPECT_GT(stolen, 0u);
    EXPECT_EQ(file.count(event_type::kind_begin), file.count(event_type::kind_end));
}

// What is open as it begins is in the file from then on; what is open as it ends has no end.
TEST(recording_names, of_regions_that_are_open) {
    expect_silent_success_of(2, [](const std::string& path) {
        twill::parallel_invoke([] {}, [] {});
        {
            const twill::region before{"before"};
            {
                const twill::region start{"start"};
                ASSERT_FALSE(twill::record_start(path.c_str(), twill::record_mode::full));
            }
            const twill::region stop{"stop"};
            twill::parallel_invoke([] { const twill::region task{"task"}; }, [] {});
            ASSERT_FALSE(twill::record_stop());
        }
        EXPECT_EQ(names_by_thread(read_recorded(path)),
                  (std::vector<std::vector<std::string>>{
                      {"+before", "+before/start", "-before/start", "+before/stop",
                       "+before/stop/task", "-before/stop/task"}}));
        const twill::region third{"third"};
        ASSERT_FALSE(twill::record_start(path.c_str(), twill::record_mode::full, true));
        twill::parallel_invoke([] {}, [] {});
        {
            const twill::region last{"last"};
        }
        ASSERT_FALSE(twill::record_stop());
        EXPECT_EQ(
            names_by_thread(read_recorded(path)),
            (std::vector<std::vector<std::string>>{{"+third", "+third/last", "-third/last"}}));
    });
}

TEST(recording_names, of_regions_on_threads_without_verbs_and_in_sections) {
    const recorded_file file = record_in_child(2, [] {
        std::thread([] { const twill::region alone{"alone"}; }).join();
        twill::runtime beside{{.workers = 1}};
        beside.submit([] { const twill::region there{"there"}; }).get();
        twill::parallel_invoke(
            [] {
                const twill::region around{"around"};
                twill::blocking([] {
                    const twill::region section{"section"};
                    twill::parallel_invoke([] { const twill::region verb{"verb"}; }, [] {});
                });
            },
            [] {});
        const twill::region after{"after"};
    });
    expect_balanced(file);
    for (const char* const path : {"alone", "there", "after"}) {
        EXPECT_EQ(file.count(event_type::region_begin, path), 1u) << path;
        EXPECT_EQ(file.count(event_type::region_end, path), 1u) << path;
    }
    EXPECT_EQ(file.count(event_type::region_begin, "around/section/verb"), 1u);
    EXPECT_EQ(file.count(event_type::region_end, "around/section/verb"), 1u);
    EXPECT_EQ(file.count(event_type::region_begin), 6u);
    EXPECT_EQ(file.count(event_type::region_end), 6u);
}

// read_recorded() looks for the name of each number that it meets, in the chunks before.
TEST(recording_names, are_there_after_a_kill) {
    const folder files;
    const std::string path = files.path() + "/recorded.twl";
    EXPECT_EXIT(
        {
            set_workers(2);
            if (!twill::record_start(path.c_str(), twill::record_mode::full)) {
                std::thread([] { // until the file has events with names
                    std::this_thread::sleep_for(std::chrono::milliseconds(300));
                    ::raise(SIGKILL);
                })
                    .detach();
                for (int k = 0;; k = (k + 1) % 500) {
                    const twill::region one{std::to_string(k).c_str()};
                    twill::parallel_for(
                        0, 4, [](int) { spin(1); }, twill::kind{std::to_string(k % 200).c_str()});
                }
            }
        },
        testing::KilledBySignal(SIGKILL), "");
    std::ifstream file(path, std::ios::binary);
    ASSERT_TRUE(file.good());
    const recorded_file read = read_recorded(path, last_chunk::may_be_cut);
    EXPECT_FALSE(read.end.has_value());
    EXPECT_GT(read.count(event_type::region_begin), 0u);
    EXPECT_GT(read.count(event_type::kind_begin), 0u);
}

} // namespace
