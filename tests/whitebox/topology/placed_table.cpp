// SPDX-License-Identifier: Apache-2.0
// No test: prints the tables of placed loops of runtime/topology/README.md.
#include "topology/machines.hpp"
#include "topology/placed_spread.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>
#include <vector>

namespace {

using twill::sched::core_speeds;
using twill::testing_support::disturbance;
using twill::testing_support::listed_table;
using twill::testing_support::loop_over;
using twill::testing_support::loop_result;
using twill::testing_support::loop_rule;

constexpr int seeds = 9;
constexpr std::size_t elements = 8192;

struct disturbed {
    const char* name;
    disturbance by;
};

double percent(std::int64_t part, std::int64_t of) {
    return 100 * static_cast<double>(part) / static_cast<double>(of);
}

void print_loops() {
    std::printf(
        "| machine | disturbed by | loop | local | makespan / ideal | worst of %d | own posts "
        "| steals |\n|-|-|-|-|-|-|-|-|\n",
        seeds);
    const disturbed all[] = {{"nothing", {}},
                             {"uneven elements", {-1, 0, 0.5}},
                             {"node 1 stands", {1, 0, 0}},
                             {"node 1 at a tenth", {1, 0.1, 0}}};
    for (const char* machine : {"cores_64", "cores_256", "cores_1024"}) {
        const auto rows = listed_table(machine).rows;
        for (const auto& [name, by] : all) {
            for (const loop_rule rule : {loop_rule::placed, loop_rule::plain}) {
                std::vector<double> ratios;
                loop_result sum;
                for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
                    const loop_result one = loop_over(rows, rule, elements, seed, by);
                    ratios.push_back(one.makespan / one.ideal);
                    sum.local += one.local;
                    sum.elements += one.elements;
                    sum.own_posts += one.own_posts;
                    sum.steals += one.steals;
                }
                std::ranges::sort(ratios);
                std::printf("| %s | %s | %s | %.1f %% | %.3f | %.3f | %lld | %lld |\n", machine,
                            name, rule == loop_rule::placed ? "placed" : "plain",
                            percent(sum.local, sum.elements), ratios[seeds / 2], ratios.back(),
                            static_cast<long long>(sum.own_posts) / seeds,
                            static_cast<long long>(sum.steals) / seeds);
            }
        }
    }
}

/// Of the same loop over and over: how many elements run where they ran in the loop before, and at
/// home. The first loops are left out: nothing is measured before they end.
void print_speeds() {
    constexpr std::uint64_t least_ns = 50'000;
    constexpr int left_out = 2;
    std::printf(
        "\n| efficient cores at | elements | shares | at home | same place again | makespan / "
        "ideal | worst of %d | steals |\n|-|-|-|-|-|-|-|-|\n",
        seeds);
    const auto rows = listed_table("hybrid_nodes").rows;
    for (const double speed : {0.5, 0.3, 1.0}) {
        for (const double uneven : {0.0, 0.5}) {
            for (const bool measured : {false, true}) {
                core_speeds speeds(least_ns);
                std::vector<double> ratios;
                loop_result sum;
                std::int64_t same = 0;
                std::vector<std::uint16_t> before;
                for (int loop = 1; loop <= left_out + seeds; ++loop) {
                    loop_result one = loop_over(
                        rows, loop_rule::placed, elements, static_cast<std::uint64_t>(loop),
                        {-1, 0, uneven, speed}, {}, measured ? &speeds : nullptr);
                    if (loop > left_out) {
                        ratios.push_back(one.makespan / one.ideal);
                        sum.at_home += one.at_home;
                        sum.elements += one.elements;
                        sum.steals += one.steals;
                        for (std::size_t k = 0; k < before.size(); ++k) {
                            same += one.ran_on[k] == before[k] ? 1 : 0;
                        }
                    }
                    before = std::move(one.ran_on);
                }
                std::ranges::sort(ratios);
                std::printf("| %.1f | %s | %s | %.1f %% | %.1f %% | %.3f | %.3f | %lld |\n", speed,
                            uneven > 0 ? "uneven" : "even", measured ? "measured" : "equal",
                            percent(sum.at_home, sum.elements), percent(same, sum.elements),
                            ratios[seeds / 2], ratios.back(),
                            static_cast<long long>(sum.steals) / seeds);
            }
        }
    }
}

} // namespace

int main() {
    print_loops();
    print_speeds();
}
