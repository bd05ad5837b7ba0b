// SPDX-License-Identifier: Apache-2.0
// A program whose affinity mask changes: the number of active workers follows.
#include "child_process.hpp"
#include "support.hpp"

#include <algorithm>

namespace {

using namespace twill_test;

/// Without TWILL_WORKERS, as many as the cores that may be used.
int cores() {
    const child_result child = run_child({"workers"});
    return std::stoi(child.out);
}

struct followed {
    int at_first = 0;
    int with_one_cpu = 0;
    int together = 0;
    int at_last = 0;
    int workers = 0;
};

/// Narrows the mask of all threads to one CPU and widens it again, with these limits to come.
followed follow_all(int with_one_cpu, int with_all,
                    const std::vector<std::string>& environment = {}) {
    const child_result child = run_child(
        {"follow_all", std::to_string(with_one_cpu), std::to_string(with_all)}, environment);
    EXPECT_EQ(child.exit_code, 0) << child.signal;
    EXPECT_EQ(child.err, "");
    followed seen;
    EXPECT_EQ(std::sscanf(child.out.c_str(), "%d %d %d %d %d", &seen.at_first, &seen.with_one_cpu,
                          &seen.together, &seen.at_last, &seen.workers),
              5)
        << child.out;
    EXPECT_EQ(seen.at_first, with_all);
    EXPECT_EQ(seen.with_one_cpu, with_one_cpu);
    EXPECT_EQ(seen.at_last, with_all);
    return seen;
}

TEST(follow, the_mask_down_to_one_cpu_and_back) {
    const int all = cores();
    if (all < 2) {
        GTEST_SKIP() << "needs two cores";
    }
    const followed seen = follow_all(1, all);
    EXPECT_EQ(seen.together, 1);
    EXPECT_EQ(seen.workers, all);
}

TEST(follow, down_to_two_where_the_number_was_asked_for) {
    const int all = cores();
    const int workers = all + 2;
    const followed seen =
        follow_all(2, std::max(2, all), {"TWILL_WORKERS=" + std::to_string(workers)});
    EXPECT_EQ(seen.workers, workers);
}

TEST(follow, nothing_where_the_cap_is_lifted) {
    const followed seen = follow_all(3, 3, {"TWILL_WORKERS=3", "TWILL_OVERSUBSCRIBE=1"});
    EXPECT_EQ(seen.workers, 3);
}

TEST(follow, no_thread_but_its_own) {
    if (cores() < 2) {
        GTEST_SKIP() << "needs two cores";
    }
    const child_result child = run_child({"follow_main"});
    EXPECT_EQ(child.exit_code, 0) << child.signal;
    EXPECT_EQ(child.out, "0\n");
    EXPECT_EQ(child.err, "");
}

// Half a second after the first verb one of its threads finds out where the places are, and goes
// from CPU to CPU for that: no mask of a thread that somebody has placed.
TEST(follow, the_mask_while_the_machine_is_looked_at) {
    const int all = cores();
    const int workers = all + 2;
    for (int round = 0; round < 5; ++round) {
        twill::runtime rt{{.workers = workers}};
        const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(600);
        int most = 0;
        while (std::chrono::steady_clock::now() < until) {
            rt.run(
                [] { twill::parallel_invoke([] { keep(work(100)); }, [] { keep(work(100)); }); });
            most = std::max(most, rt.set_active(workers));
        }
        EXPECT_EQ(most, std::max(2, all));
    }
}

} // namespace
