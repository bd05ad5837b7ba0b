// SPDX-License-Identifier: Apache-2.0
// The gaps of the planner's strategies on generated instances of P||Cmax, as a table in Markdown.
#include <twill/plan.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

namespace {

using twill::plan_strategy;

constexpr std::array<int, 6> task_counts{50, 60, 100, 200, 500, 1000};
constexpr std::array<int, 5> core_counts{5, 10, 15, 20, 25};
constexpr std::array<plan_strategy, 5> strategies{plan_strategy::round_robin, plan_strategy::list,
                                                  plan_strategy::lpt, plan_strategy::multifit,
                                                  plan_strategy::exact};

/// Of all instances of one size.
struct gap_row {
    std::array<double, strategies.size()> mean{};
    std::array<double, strategies.size()> most{};
    int solved = 0;
    double slowest = 0; ///< seconds that exact took at the most
};

std::vector<twill::plan_task> generate(std::mt19937_64& random, int tasks, int longest) {
    std::vector<twill::plan_task> made(static_cast<std::size_t>(tasks));
    for (twill::plan_task& task : made) {
        task.time = static_cast<double>(1 + random() % static_cast<unsigned>(longest));
    }
    return made;
}

double seconds_since(std::chrono::steady_clock::time_point began) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

void add_instance(gap_row& row, const std::vector<twill::plan_task>& tasks, int cores,
                  int instances) {
    const auto began = std::chrono::steady_clock::now();
    const twill::plan best = twill::make_plan(tasks, cores, {.strategy = plan_strategy::exact});
    row.slowest = std::max(row.slowest, seconds_since(began));
    row.solved += best.optimal() ? 1 : 0;
    for (std::size_t s = 0; s < strategies.size(); ++s) {
        const double makespan =
            strategies[s] == plan_strategy::exact
                ? best.makespan
                : twill::make_plan(tasks, cores, {.strategy = strategies[s]}).makespan;
        const double gap = 100 * (makespan / best.lower_bound - 1);
        row.mean[s] += gap / instances;
        row.most[s] = std::max(row.most[s], gap);
    }
}

void print(int tasks, int cores, const gap_row& row, int instances) {
    std::printf("| %d | %d |", tasks, cores);
    for (std::size_t s = 0; s < strategies.size(); ++s) {
        std::printf(" %.2f, %.2f |", row.mean[s], row.most[s]);
    }
    std::printf(" %d of %d | %.2f |\n", row.solved, instances, row.slowest);
    std::fflush(stdout);
}

} // namespace

int main(int count, char** arguments) {
    const int instances = count > 1 ? std::atoi(arguments[1]) : 10;
    const auto seed = static_cast<std::uint64_t>(count > 2 ? std::atoll(arguments[2]) : 1);
    const int longest = count > 3 ? std::atoi(arguments[3]) : 100;
    if (count > 4 || instances < 1 || longest < 1) {
        std::fprintf(stderr, "usage: planner_gaps [INSTANCES [SEED [LONGEST]]]\n");
        return 2;
    }
    std::printf("times uniform in 1..%d, %d instances a row, mt19937_64 with seed %llu; mean and "
                "largest gap in per cent\n\n",
                longest, instances, static_cast<unsigned long long>(seed));
    std::printf("| n | m | rr | list | lpt | multifit | exact | proved best | slowest, s |\n"
                "|-|-|-|-|-|-|-|-|-|\n");
    std::mt19937_64 random(seed);
    for (const int tasks : task_counts) {
        for (const int cores : core_counts) {
            gap_row row;
            for (int k = 0; k < instances; ++k) {
                add_instance(row, generate(random, tasks, longest), cores, instances);
            }
            print(tasks, cores, row, instances);
        }
    }
}
