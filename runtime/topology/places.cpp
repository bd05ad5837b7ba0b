// SPDX-License-Identifier: Apache-2.0
#include "topology/places.hpp"

#include "topology/worker_count.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace twill::topology {
namespace {

constexpr int largest_cpu = (1 << 20) - 1;

std::optional<int> cpu_number(std::string_view text) {
    int value = 0;
    if (text.empty() || text.front() == '-') {
        return std::nullopt;
    }
    const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || stopped != text.data() + text.size() || value > largest_cpu) {
        return std::nullopt;
    }
    return value;
}

/// Adds a number or a range; false if it is neither, or has a number again.
bool add_range(std::string_view text, std::vector<int>& list, std::set<int>& seen) {
    const std::size_t dash = text.find('-');
    const auto first = cpu_number(text.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : cpu_number(text.substr(dash + 1));
    if (!first || !last || *last < *first || *last - *first >= max_workers) {
        return false;
    }
    for (int cpu = *first; cpu <= *last; ++cpu) {
        if (!seen.insert(cpu).second || list.size() == static_cast<std::size_t>(max_workers)) {
            return false;
        }
        list.push_back(cpu);
    }
    return true;
}

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
    places found{places_kind::list, {}};
    std::set<int> seen;
    for (;;) {
        const std::size_t comma = value.find(',');
        if (!add_range(value.substr(0, comma), found.list, seen)) {
            return std::nullopt;
        }
        if (comma == std::string_view::npos) {
            return found;
        }
        value.remove_prefix(comma + 1);
    }
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
