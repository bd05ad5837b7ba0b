// SPDX-License-Identifier: Apache-2.0
// No test: prints the table of placed loops of runtime/topology/README.md.
#include "topology/machines.hpp"
#include "topology/placed_spread.hpp"

#include <algorithm>
#include <cstdio>

namespace {

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

} // namespace

int main() {
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
                std::printf(
                    "| %s | %s | %s | %.1f %% | %.3f | %.3f | %lld | %lld |\n", machine, name,
                    rule == loop_rule::placed ? "placed" : "plain",
                    100 * static_cast<double>(sum.local) / static_cast<double>(sum.elements),
                    ratios[seeds / 2], ratios.back(), static_cast<long long>(sum.own_posts) / seeds,
                    static_cast<long long>(sum.steals) / seeds);
            }
        }
    }
}
