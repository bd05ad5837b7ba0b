// SPDX-License-Identifier: Apache-2.0
#include "topology/places.hpp"

#include "topology/cpu_list.hpp"
#include "topology/worker_count.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace twill::topology {
namespace {

/// The first row of each value of a column, where it has one.
std::vector<table_row> first_of_each(const std::vector<table_row>& rows, int table_row::* column) {
    std::vector<table_row> chosen;
    std::set<int> seen;
    std::ranges::copy_if(rows, std::back_inserter(chosen), [&](const table_row& row) {
        return row.*column != none && seen.insert(row.*column).second;
    });
    return chosen;
}

} // namespace

std::optional<places> parse_places(std::string_view value) {
    if (value == "cores") {
        return places{places_kind::cores, {}};
    }
    if (value == "l3") {
        return places{places_kind::l3, {}};
    }
    if (value == "nodes") {
        return places{places_kind::nodes, {}};
    }
    if (auto list = cpu_list(value, max_workers)) {
        return places{places_kind::list, *std::move(list)};
    }
    return std::nullopt;
}

std::optional<std::vector<table_row>> placed(const table& machine, const places& wanted,
                                             std::string& why) {
    std::vector<table_row> chosen;
    switch (wanted.kind) {
    case places_kind::processors:
        return machine.rows;
    case places_kind::cores:
        // A machine that tells of no cores has one for each processor.
        std::ranges::copy_if(machine.rows, std::back_inserter(chosen),
                             [](const table_row& row) { return row.smt == 0; });
        break;
    case places_kind::l3:
        chosen = first_of_each(machine.rows, &table_row::l3);
        why = "caches that this machine has";
        break;
    case places_kind::nodes:
        chosen = first_of_each(machine.rows, &table_row::node);
        why = "nodes that this machine has";
        break;
    case places_kind::list:
        for (const int cpu : wanted.list) {
            const auto row = std::ranges::find(machine.rows, cpu, &table_row::pu);
            if (row == machine.rows.end()) {
                why = "CPUs that this program may use";
                return std::nullopt;
            }
            chosen.push_back(*row);
        }
        break;
    }
    if (chosen.empty()) {
        return std::nullopt;
    }
    return chosen;
}

} // namespace twill::topology
