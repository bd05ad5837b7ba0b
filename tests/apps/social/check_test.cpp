// SPDX-License-Identifier: Apache-2.0
#include "check.hpp"

#include "loops.hpp"
#include "run.hpp"

#include <gtest/gtest.h>

namespace social {
namespace {

const pagerank_options plain;
constexpr rmat small_model{10, 8, 1};

template <class Loops>
analysis analyse_small(const Loops& loops, const pagerank_options& options = plain) {
    progress none(0);
    return analyse(loops, small_model, options, none);
}

TEST(check, is_content_with_equal_results) {
    const comparison found =
        compare(analyse_small(serial_loops()), analyse_small(twill_loops()), plain);
    EXPECT_TRUE(found.ok()) << found.failure;
    EXPECT_LE(found.distance, found.bound);
    EXPECT_LT(found.bound, 1e-11);
    EXPECT_NEAR(found.total, 1, found.bound);
}

TEST(check, notices_another_number_of_triangles) {
    analysis wrong = analyse_small(twill_loops());
    const std::uint64_t right = wrong.triangles++;
    EXPECT_EQ(compare(analyse_small(serial_loops()), wrong, plain).failure,
              std::to_string(right + 1) + " triangles, serial " + std::to_string(right));
}

TEST(check, notices_another_graph) {
    analysis wrong = analyse_small(twill_loops());
    wrong.of.in.neighbours[0] ^= 1;
    EXPECT_EQ(compare(analyse_small(serial_loops()), wrong, plain).failure, "the graphs differ");
}

TEST(check, notices_another_rank) {
    analysis wrong = analyse_small(twill_loops());
    wrong.pagerank.ranks[7] += 1e-9;
    EXPECT_TRUE(compare(analyse_small(serial_loops()), wrong, plain)
                    .failure.starts_with("the PageRanks differ by 1e-09 in sum"));
    wrong.pagerank.ranks[7] = std::nan("");
    EXPECT_FALSE(compare(analyse_small(serial_loops()), wrong, plain).ok());
}

TEST(check, notices_a_wrong_total) {
    analysis serial = analyse_small(serial_loops());
    analysis wrong = analyse_small(twill_loops());
    serial.pagerank.ranks[7] += 1e-9;
    wrong.pagerank.ranks[7] += 1e-9;
    EXPECT_TRUE(
        compare(serial, wrong, plain).failure.starts_with("the PageRanks sum up to 1 +1e-09"));
}

TEST(check, notices_that_pagerank_did_not_converge) {
    const pagerank_options few{.most_iterations = 2};
    const comparison found =
        compare(analyse_small(serial_loops(), few), analyse_small(twill_loops(), few), few);
    EXPECT_EQ(found.failure, "PageRank did not get below 1e-09 in 2 iterations");
}

TEST(run, finds_the_leaders) {
    const analysis found = analyse_small(twill_loops());
    const std::vector<leader> first = leaders(found, 4);
    ASSERT_EQ(first.size(), 4U);
    for (std::size_t i = 1; i < first.size(); ++i) {
        EXPECT_GE(first[i - 1].rank, first[i].rank);
    }
    EXPECT_EQ(first[0].rank,
              *std::max_element(found.pagerank.ranks.begin(), found.pagerank.ranks.end()));
    EXPECT_EQ(leaders(found, 1'000'000).size(), 1024U);
}

TEST(run, checks_every_round_and_accounts_for_the_last) {
    run_options options{
        .source = small_model, .check = true, .compare = true, .repeat = 4, .quiet = true};
    const run_result result = run(options);
    ASSERT_TRUE(result.check.has_value());
    EXPECT_TRUE(result.check->ok()) << result.check->failure;
    ASSERT_TRUE(result.serial.has_value() && result.parallel.has_value());
    EXPECT_GT(total(*result.serial), 0);
    EXPECT_GT(total(*result.parallel), 0);
    ASSERT_TRUE(result.load.has_value());
    EXPECT_EQ(result.load->worker_count(), twill::worker_count());
    EXPECT_GT(result.load->total_load().count(), 0);
}

TEST(run, can_be_serial_alone) {
    const run_result result = run({.source = small_model, .serial = true, .quiet = true});
    EXPECT_GT(result.last.triangles, 0U);
    EXPECT_FALSE(result.parallel.has_value() || result.load.has_value());
}

} // namespace
} // namespace social
