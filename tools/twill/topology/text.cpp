// SPDX-License-Identifier: Apache-2.0
#include "output.hpp"
#include "topology/outputs.hpp"

#include <fmt/format.h>

#include <iterator>

namespace twill::tool {

namespace {

using topology::table_row;

std::string cell(int number) {
    return number == topology::none ? std::string("-") : fmt::format("{}", number);
}

void put_machine(std::string& out, const machine_view& view) {
    const auto put = std::back_inserter(out);
    const topology::table& machine = view.table.machine;
    fmt::format_to(put, "topology  {}\n", printable(shown(view.table.from)));
    fmt::format_to(put, "machine   CPUs {}, cores {}, L3 caches {}, NUMA nodes {}, packages {}\n",
                   machine.rows.size(), distinct(machine, &table_row::core),
                   distinct(machine, &table_row::l3), machine.nodes.size(),
                   distinct(machine, &table_row::package));
    for (const topology::memory_node& node : machine.nodes) {
        const std::string size = shown_bytes(node.bytes);
        fmt::format_to(put, "node {:<4} {}{}{}; ", node.node,
                       node.kind == topology::memory_kind::missing ? "no memory" : "",
                       node.kind == topology::memory_kind::special
                           ? (node.type.empty() ? "special memory " : printable(node.type) + " ")
                           : std::string(),
                       node.kind == topology::memory_kind::missing ? ""
                       : size.empty()                              ? "memory of unknown size"
                                                                   : size);
        const std::size_t kept = excluded_on(view, node.node);
        if (node.processors > 0 || kept > 0) {
            fmt::format_to(put, "CPUs {}{}\n", node.processors,
                           kept > 0 ? fmt::format(", not for this program: {}", kept) : "");
        } else {
            out += "no CPU's nearest ordinary memory\n";
        }
    }
    const std::string allowed = allowed_mask(view);
    const std::string kept = excluded_mask(view);
    fmt::format_to(put, "allowed   {}{}{}\n", allowed.empty() ? "unknown" : allowed,
                   kept.empty() ? "" : "; not for this program: " + kept,
                   machine.offline.empty() ? "" : "; offline: " + ranges(machine.offline));
    fmt::format_to(put, "quota     {}\n",
                   view.table.quota > 0 ? fmt::format("{} CPUs", shown(view.table.quota)) : "none");
    fmt::format_to(put, "places    {}\n", shown_places(view.table.wanted));
    fmt::format_to(put, "steal     {}\n", name_of(view.policy.rule()));
    fmt::format_to(put, "workers   {}\n", view.table.workers.size());
}

void put_order(std::string& out, const machine_view& view) {
    const auto put = std::back_inserter(out);
    out += "\nvictims, and why so\n";
    for (const std::vector<int>& group : groups_of(view)) {
        fmt::format_to(put, "worker {}\n", ranges(group));
        const std::vector<seen_level> order = order_of(view, group.front());
        for (const seen_level& one : order) {
            fmt::format_to(put, "  {:>5.1f} % one of {:<4} that share {}: {}\n", one.share * 100,
                           one.victims.size(), one.what, one.why);
        }
        if (order.empty()) {
            out += "  nobody: it is the only worker\n";
        }
    }
}

} // namespace

std::string machine_as_text(const machine_view& view) {
    std::string out;
    const auto put = std::back_inserter(out);
    put_machine(out, view);
    out += "\nworker    pu  core    l2    l3  node  package  kind     smt\n";
    for (std::size_t j = 0; j < view.table.workers.size(); ++j) {
        const table_row& row = view.table.workers[j];
        fmt::format_to(put, "{:>6} {:>5} {:>5} {:>5} {:>5} {:>5} {:>8}  {:<7} {:>4}\n", j,
                       cell(row.pu), cell(row.core), cell(row.l2), cell(row.l3), cell(row.node),
                       cell(row.package), name_of(row.kind), row.smt);
    }
    put_order(out, view);
    return out;
}

} // namespace twill::tool
