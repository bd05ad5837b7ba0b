// SPDX-License-Identifier: Apache-2.0
// The program as people use it.
#include "program.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace social {
namespace {

using nlohmann::json;

json run_json(std::vector<std::string> arguments, const circumstances& how = {}) {
    arguments.insert(arguments.begin(), {"run", "--json"});
    const answer got = run_social(arguments, how);
    EXPECT_EQ(got.code, 0) << got.err;
    EXPECT_EQ(got.err, "");
    return json::parse(got.out);
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

TEST(social_command, runs_on_the_embedded_extract) {
    const answer got = run_social({"run", "--check"});
    EXPECT_EQ(got.code, 0);
    EXPECT_EQ(got.err, "");
    EXPECT_TRUE(contains(got.out, "the packages of Debian 12 (embedded extract)"));
    EXPECT_TRUE(contains(got.out, "17,971 vertices, 158,051 edges")) << got.out;
    EXPECT_TRUE(contains(got.out, "libc6"));
    EXPECT_TRUE(contains(got.out, "check: ok"));
    EXPECT_TRUE(contains(got.out, "load of the parallel run"));
    EXPECT_TRUE(contains(got.out, "imbalance"));
}

TEST(social_command, records_the_last_parallel_analysis) {
    const scratch room;
    const std::string profile = room.path("run.twl");
    const answer got = run_social({"run", "--rmat", "10", "--compare", "--record", profile});
    EXPECT_EQ(got.code, 0);
    EXPECT_EQ(got.err, "");
    const std::string bytes = contents(profile);
    EXPECT_EQ(bytes.substr(1, 3), "TWL");
    for (const char* const step : {"generate", "build graph", "triangles", "PageRank"}) {
        EXPECT_TRUE(contains(bytes, step)) << step;
    }
}

TEST(social_command, prints_json) {
    const json got = run_json({"--rmat", "10", "--check", "--compare", "--workers", "2"});
    EXPECT_EQ(got.at("source").at("kind"), "rmat");
    EXPECT_EQ(got.at("vertices"), 1024);
    EXPECT_EQ(got.at("repeat"), 3);
    EXPECT_EQ(got.at("workers"), 2);
    EXPECT_EQ(got.at("check").at("ok"), true);
    EXPECT_EQ(got.at("pagerank").at("converged"), true);
    EXPECT_EQ(got.at("pagerank").at("top").size(), 5U);
    for (const char* const part : {"edges", "build", "triangles", "pagerank", "total"}) {
        EXPECT_GT(got.at("serial_ms").at(part), 0) << part;
        EXPECT_GT(got.at("twill_ms").at(part), 0) << part;
        EXPECT_GT(got.at("speedup").at(part), 0) << part;
    }
    const json& load = got.at("load");
    ASSERT_EQ(load.at("workers").size(), 2U);
    EXPECT_GT(load.at("total_load_ns"), 0);
    for (const json& worker : load.at("workers")) {
        const std::int64_t preempted =
            worker.at("preempted_ns").is_null() ? 0 : worker.at("preempted_ns").get<std::int64_t>();
        EXPECT_EQ(worker.at("open_ns").get<std::int64_t>(),
                  worker.at("useful_ns").get<std::int64_t>() +
                      worker.at("dispatch_ns").get<std::int64_t>() +
                      worker.at("search_ns").get<std::int64_t>() +
                      worker.at("parked_ns").get<std::int64_t>() + preempted);
    }
}

TEST(social_command, serial_alone_has_no_load) {
    const json got = run_json({"--rmat", "8", "--serial"});
    EXPECT_TRUE(got.contains("serial_ms"));
    EXPECT_FALSE(got.contains("twill_ms") || got.contains("load") || got.contains("speedup"));
}

TEST(social_command, finds_the_same_with_any_number_of_workers) {
    const json one = run_json({"--rmat", "13", "--workers", "1", "--check"});
    for (const char* const workers : {"2", "3", "8", "64"}) {
        const json got = run_json({"--rmat", "13", "--workers", workers, "--check"});
        EXPECT_EQ(got.at("check").at("ok"), true) << workers;
        EXPECT_EQ(got.at("workers"), std::stoi(workers));
        EXPECT_EQ(got.at("edges"), one.at("edges")) << workers;
        EXPECT_EQ(got.at("triangles"), one.at("triangles")) << workers;
    }
}

TEST(social_command, generates_the_same_with_any_number_of_workers) {
    const answer one = run_social({"generate", "--rmat", "12", "-", "--workers", "1"});
    ASSERT_EQ(one.code, 0);
    EXPECT_TRUE(one.out.starts_with("# R-MAT scale 12, 16 edges per vertex, seed 1"));
    for (const char* const workers : {"2", "3", "8"}) {
        EXPECT_EQ(run_social({"generate", "--rmat", "12", "-", "--workers", workers}).out, one.out)
            << workers;
    }
}

// A list has only the vertices that occur, so ranks differ from those of the model, triangles do
// not.
TEST(social_command, reads_what_it_writes) {
    const scratch room;
    const json direct = run_json({"--rmat", "10", "--seed", "9"});
    for (const char* const name : {"g.txt", "g.txt.gz"}) {
        const std::string file = room.path(name);
        ASSERT_EQ(run_social({"generate", "--rmat", "10", "--seed", "9", file}).code, 0);
        const json got = run_json({file, "--check"});
        EXPECT_EQ(got.at("edges"), direct.at("edges"));
        EXPECT_EQ(got.at("triangles"), direct.at("triangles"));
        EXPECT_EQ(got.at("source").at("name"), file);
        EXPECT_EQ(run_json({"-"}, {.in = contents(file)}).at("triangles"), direct.at("triangles"));
    }
    EXPECT_LT(contents(room.path("g.txt.gz")).size(), contents(room.path("g.txt")).size());
}

TEST(social_command, converts_a_package_index) {
    const std::string index = "Package: b\nDepends: a (>= 1) | c\n\nPackage: c\nPre-Depends: a\n\n"
                              "Package: a\n";
    const answer list =
        run_social({"convert", "-", "-", "--about", "Three packages."}, {.in = index});
    EXPECT_EQ(list.code, 0) << list.err;
    EXPECT_TRUE(list.out.starts_with("# Three packages.\n"));
    EXPECT_TRUE(list.out.ends_with("# Nodes: 3 Edges: 3\n# vertex 0 a\n# vertex 1 b\n"
                                   "# vertex 2 c\n1\t0\n1\t2\n2\t0\n"))
        << list.out;
    const json got = run_json({"-", "--check"}, {.in = list.out});
    EXPECT_EQ(got.at("triangles"), 1);
    EXPECT_EQ(got.at("pagerank").at("top").at(0).at("name"), "a");
}

TEST(social_command, shows_progress_on_a_terminal_only) {
    const std::vector<std::string> command{"run", "--rmat", "8", "--check"};
    const answer shown = run_social(command, {.on_terminal = true});
    EXPECT_EQ(shown.code, 0);
    EXPECT_TRUE(contains(shown.err, "0%   10   20")) << shown.err;
    EXPECT_TRUE(contains(shown.err, std::string(51, '*'))) << shown.err;
    EXPECT_EQ(run_social(command).err, "");
    for (const char* const silent : {"--quiet", "--json"}) {
        std::vector<std::string> quiet = command;
        quiet.emplace_back(silent);
        EXPECT_EQ(run_social(quiet, {.on_terminal = true}).err, "") << silent;
    }
}

TEST(social_command, helps) {
    const answer got = run_social({"--help"});
    EXPECT_EQ(got.code, 0);
    EXPECT_TRUE(contains(got.out, "convert") && contains(got.out, "generate"));
}

} // namespace
} // namespace social
