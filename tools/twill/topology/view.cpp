// SPDX-License-Identifier: Apache-2.0
#include "topology/view.hpp"

#include "output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>
#include <utility>

namespace twill::tool {

namespace {

using topology::level;
using topology::table_row;

/// What victims of a level have in common with a thief, and why they come so often. One victim
/// stands for all.
std::pair<std::string, std::string> reason_of(level which, const table_row& thief,
                                              const table_row& victim, bool only) {
    const bool cached = thief.l3 != topology::none && thief.l3 == victim.l3;
    switch (which) {
    case level::near:
        if (only) {
            return {cached                         ? fmt::format("L3 {}", thief.l3)
                    : thief.node == topology::none ? std::string("the machine")
                                                   : std::string("one node and no L3"),
                    {}};
        }
        return cached ? std::pair(fmt::format("L3 {} and node {}", thief.l3, thief.node),
                                  "what they share is in the same cache")
                      : std::pair(fmt::format("node {} and no L3", thief.node),
                                  "their memory is on the same node");
    case level::middle:
        return cached ? std::pair(fmt::format("L3 {}, on another node", thief.l3),
                                  "the same cache, but memory of a neighbour")
                      : std::pair(fmt::format("node {}, behind another cache", thief.node),
                                  "their memory is on the same node");
    case level::far:
        break;
    }
    return {"nothing nearer than the machine",
            "seldom, since data would move between nodes; never left out, so that work gets here"};
}

std::string mask_of(const std::vector<table_row>& rows) {
    std::vector<int> numbers;
    for (const table_row& row : rows) {
        if (row.pu != topology::none) {
            numbers.push_back(row.pu);
        }
    }
    return ranges(std::move(numbers));
}

} // namespace

machine_view read_machine() {
    topology::worker_table table = topology::workers_from_environment();
    topology::victim_policy policy(table.workers, topology::victim_rule_from_environment());
    return {std::move(table), std::move(policy)};
}

std::vector<seen_level> order_of(const machine_view& view, int worker) {
    const bool uniform = view.policy.rule() == topology::victim_rule::uniform;
    std::vector<seen_level> order;
    double total = 0;
    for (int k = 0; k < topology::levels; ++k) {
        const auto which = static_cast<level>(k);
        if (view.policy.count(worker, which) == 0) {
            continue;
        }
        const double weight = uniform ? static_cast<double>(view.policy.count(worker, which))
                                      : topology::level_weights[std::size_t(k)];
        seen_level one{which, weight, {}, {}, {}};
        for (int victim = 0; victim < view.policy.workers(); ++victim) {
            if (victim != worker && view.policy.between(worker, victim) == which) {
                one.victims.push_back(victim);
            }
        }
        total += one.share;
        order.push_back(std::move(one));
    }
    const auto row = [&](int number) { return view.table.workers[std::size_t(number)]; };
    for (seen_level& one : order) {
        one.share /= total;
        std::tie(one.what, one.why) =
            reason_of(one.which, row(worker), row(one.victims.front()), order.size() == 1);
        if (order.size() == 1) {
            one.why = "all workers are equally near, so all are drawn alike";
        } else if (uniform) {
            one.why = "all workers are drawn alike, however near";
        }
    }
    return order;
}

std::vector<std::vector<int>> groups_of(const machine_view& view) {
    std::vector<std::vector<int>> groups;
    for (int worker = 0; worker < view.policy.workers(); ++worker) {
        const auto own = std::ranges::find_if(groups, [&](const std::vector<int>& group) {
            return view.policy.between(worker, group.front()) == level::near;
        });
        if (own == groups.end()) {
            groups.push_back({worker});
        } else {
            own->push_back(worker);
        }
    }
    return groups;
}

std::size_t distinct(const topology::table& machine, int table_row::* column) {
    std::set<int> seen;
    for (const table_row& row : machine.rows) {
        if (row.*column != topology::none) {
            seen.insert(row.*column);
        }
    }
    return seen.size();
}

std::string ranges(std::vector<int> numbers) {
    std::ranges::sort(numbers);
    std::string text;
    for (std::size_t k = 0; k < numbers.size();) {
        std::size_t end = k;
        while (end + 1 < numbers.size() && numbers[end + 1] == numbers[end] + 1) {
            ++end;
        }
        fmt::format_to(std::back_inserter(text), "{}{}", k == 0 ? "" : ",", numbers[k]);
        if (end > k) {
            fmt::format_to(std::back_inserter(text), "-{}", numbers[end]);
        }
        k = end + 1;
    }
    return text;
}

std::string allowed_mask(const machine_view& view) { return mask_of(view.table.machine.rows); }

std::string excluded_mask(const machine_view& view) { return mask_of(view.table.machine.excluded); }

std::size_t excluded_on(const machine_view& view, int node) {
    return static_cast<std::size_t>(
        std::ranges::count(view.table.machine.excluded, node, &table_row::node));
}

std::string printable(std::string text) {
    for (char& one : text) {
        one = one >= ' ' && one <= '~' ? one : '?';
    }
    return text;
}

std::string shown_places(const topology::places& wanted) {
    switch (wanted.kind) {
    case topology::places_kind::cores:
        return "cores";
    case topology::places_kind::l3:
        return "l3";
    case topology::places_kind::nodes:
        return "nodes";
    case topology::places_kind::list:
        return fmt::format("{}", fmt::join(wanted.list, ","));
    case topology::places_kind::processors:
        break;
    }
    return "all";
}

const char* name_of(level which) {
    switch (which) {
    case level::near:
        return "near";
    case level::middle:
        return "middle";
    case level::far:
        break;
    }
    return "far";
}

const char* name_of(topology::victim_rule rule) {
    return rule == topology::victim_rule::uniform ? "uniform" : "level";
}

const char* name_of(topology::core_kind kind) {
    switch (kind) {
    case topology::core_kind::performance:
        return "P";
    case topology::core_kind::efficient:
        return "E";
    case topology::core_kind::unknown:
        break;
    }
    return "unknown";
}

const char* name_of(topology::memory_kind kind) {
    switch (kind) {
    case topology::memory_kind::missing:
        return "missing";
    case topology::memory_kind::special:
        return "special";
    case topology::memory_kind::ordinary:
        break;
    }
    return "ordinary";
}

std::string shown_bytes(std::uint64_t bytes) {
    constexpr double gibi = 1 << 30;
    constexpr double mebi = 1 << 20;
    if (bytes == 0) {
        return "";
    }
    const auto amount = static_cast<double>(bytes);
    return amount >= gibi ? fmt::format("{:.0f} GiB", amount / gibi)
                          : fmt::format("{:.0f} MiB", amount / mebi);
}

} // namespace twill::tool
