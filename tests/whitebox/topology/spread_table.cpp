// SPDX-License-Identifier: Apache-2.0
// No test: prints the table of runtime/topology/README.md.
#include "topology/machines.hpp"
#include "topology/spread.hpp"

#include <algorithm>
#include <bit>
#include <cstdio>

namespace {

using twill::testing_support::listed_table;
using twill::testing_support::spread_of;
using twill::testing_support::spread_result;
using twill::testing_support::spread_rule;
using twill::topology::table_row;

constexpr int seeds = 9;

void print_row(const char* machine, const std::vector<table_row>& rows, const char* name,
               spread_rule rule, int below) {
    const int depth = std::countr_zero(std::bit_ceil(rows.size())) + below;
    std::vector<double> ratios;
    spread_result sum;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        const spread_result one = spread_of(rows, rule, depth, seed);
        ratios.push_back(one.makespan / one.ideal);
        sum.ideal = one.ideal;
        sum.steals += one.steals;
        sum.far_steals += one.far_steals;
        sum.failed += one.failed;
        sum.looks += one.looks;
        sum.asks += one.asks;
        sum.words += one.words;
        sum.strands = one.strands;
    }
    std::ranges::sort(ratios);
    const auto per_steal = [&](std::int64_t count) {
        return static_cast<double>(count) / static_cast<double>(sum.steals);
    };
    std::printf(
        "| %s | %lld | %.0f | %s | %.3f | %.3f | %lld | %.1f %% | %.2f | %.1f | %.1f | %.1f |\n",
        machine, static_cast<long long>(sum.strands) / static_cast<long long>(rows.size()),
        sum.ideal, name, ratios[seeds / 2], ratios.back(),
        static_cast<long long>(sum.steals) / seeds, 100 * per_steal(sum.far_steals),
        per_steal(sum.failed), per_steal(sum.looks), per_steal(sum.asks),
        static_cast<double>(sum.words) / static_cast<double>(sum.looks));
}

} // namespace

int main() {
    std::printf(
        "| machine | strands a worker | ideal, us | rule | makespan / ideal | worst of %d | "
        "steals | far | failed a steal | looks a steal | asks a steal | words a look |\n"
        "|-|-|-|-|-|-|-|-|-|-|-|-|\n",
        seeds);
    for (const char* machine : {"cores_64", "cores_256", "cores_1024"}) {
        const std::vector<table_row> rows = listed_table(machine).rows;
        for (const int below : {3, 5}) {
            print_row(machine, rows, "uniform", spread_rule::uniform, below);
            print_row(machine, rows, "level", spread_rule::level, below);
            print_row(machine, rows, "nearest", spread_rule::nearest, below);
        }
    }
}
