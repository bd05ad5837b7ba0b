// SPDX-License-Identifier: Apache-2.0
#include "topology/outputs.hpp"

#include <nlohmann/json.hpp>

namespace twill::tool {

namespace {

using json = nlohmann::ordered_json;
using topology::table_row;

json or_null(int number) { return number == topology::none ? json() : json(number); }

json victims_of(const machine_view& view, int worker) {
    json list = json::array();
    for (const seen_level& one : order_of(view, worker)) {
        list.push_back({{"level", name_of(one.which)},
                        {"share", one.share},
                        {"count", one.victims.size()},
                        {"workers", ranges(one.victims)},
                        {"in_common", one.what},
                        {"why", one.why}});
    }
    return list;
}

} // namespace

std::string machine_as_json(const machine_view& view) {
    const topology::table& machine = view.table.machine;
    json result{
        {"topology", shown(view.table.from)},
        {"processors", machine.rows.size()},
        {"cores", distinct(machine, &table_row::core)},
        {"l3_caches", distinct(machine, &table_row::l3)},
        {"packages", distinct(machine, &table_row::package)},
        {"allowed", allowed_mask(view)},
        {"excluded", excluded_mask(view)},
        {"offline", ranges(machine.offline)},
        {"quota", view.table.quota > 0 ? json(view.table.quota) : json()},
        {"places", shown_places(view.table.wanted)},
        {"steal", name_of(view.policy.rule())},
    };
    json& nodes = result["nodes"] = json::array();
    for (const topology::memory_node& node : machine.nodes) {
        nodes.push_back({{"node", node.node},
                         {"memory", name_of(node.kind)},
                         {"type", node.type},
                         {"bytes", node.bytes},
                         {"processors", node.processors}});
    }
    json& workers = result["workers"] = json::array();
    for (std::size_t j = 0; j < view.table.workers.size(); ++j) {
        const table_row& row = view.table.workers[j];
        workers.push_back({{"worker", j},
                           {"pu", or_null(row.pu)},
                           {"core", or_null(row.core)},
                           {"l2", or_null(row.l2)},
                           {"l3", or_null(row.l3)},
                           {"node", or_null(row.node)},
                           {"package", or_null(row.package)},
                           {"kind", name_of(row.kind)},
                           {"smt", row.smt},
                           {"victims", victims_of(view, static_cast<int>(j))}});
    }
    // What is no UTF-8 (a path may be anything) is shown as a replacement character.
    return result.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

} // namespace twill::tool
