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
using twill::testing_support::at_first;
using twill::testing_support::disturbance;
using twill::testing_support::listed_table;
using twill::testing_support::loop_over;
using twill::testing_support::loop_result;
using twill::testing_support::loop_rule;
using twill::testing_support::loop_run;
using twill::testing_support::spread_rule;
using twill::topology::table_row;

constexpr int seeds = 9;

double percent(std::int64_t part, std::int64_t of) {
    return 100 * static_cast<double>(part) / static_cast<double>(of);
}

const char* name_of(spread_rule rule) {
    return rule == spread_rule::uniform ? "uniform"
           : rule == spread_rule::level ? "level"
                                        : "nearest";
}

void print_row(const char* machine, const std::vector<table_row>& rows, const char* name,
               loop_run how, const disturbance& by = {}) {
    std::vector<double> ratios;
    loop_result sum;
    for (how.seed = 1; how.seed <= seeds; ++how.seed) {
        const loop_result one = loop_over(rows, how, by);
        ratios.push_back(one.makespan / one.ideal);
        sum.local += one.local;
        sum.elements += one.elements;
        sum.own_posts += one.own_posts;
        sum.steals += one.steals;
        sum.looks += one.looks;
        sum.words += one.words;
    }
    std::ranges::sort(ratios);
    std::printf("| %s | %s | %s | %s | %.1f %% | %.3f | %.3f | %lld | %lld | %lld | %.1f |\n",
                machine, name, how.loop == loop_rule::placed ? "placed" : "plain",
                name_of(how.victims), percent(sum.local, sum.elements), ratios[seeds / 2],
                ratios.back(), static_cast<long long>(sum.own_posts) / seeds,
                static_cast<long long>(sum.steals) / seeds,
                static_cast<long long>(sum.looks) / seeds,
                static_cast<double>(sum.words) / static_cast<double>(sum.looks));
}

void print_loops() {
    std::printf(
        "| machine | disturbed by | loop | victims | local | makespan / ideal | worst of %d | own "
        "posts | steals | looks | words a look |\n|-|-|-|-|-|-|-|-|-|-|-|\n",
        seeds);
    for (const char* machine : {"cores_64", "cores_256", "cores_1024"}) {
        const auto rows = listed_table(machine).rows;
        for (const loop_rule loop : {loop_rule::placed, loop_rule::plain}) {
            for (const spread_rule rule :
                 {spread_rule::uniform, spread_rule::level, spread_rule::nearest}) {
                print_row(machine, rows, "nothing", {.loop = loop, .victims = rule});
            }
            print_row(machine, rows, "uneven elements", {.loop = loop}, {-1, 0, 0.5});
            print_row(machine, rows, "node 1 stands", {.loop = loop}, {1, 0, 0});
            print_row(machine, rows, "node 1 at a tenth", {.loop = loop}, {1, 0.1, 0});
            print_row(machine, rows, "all asleep at first",
                      {.loop = loop, .others = at_first::asleep});
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
                    loop_result one =
                        loop_over(rows, {.seed = static_cast<std::uint64_t>(loop)},
                                  {-1, 0, uneven, speed}, measured ? &speeds : nullptr);
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
