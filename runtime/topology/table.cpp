// SPDX-License-Identifier: Apache-2.0
#include "topology/table.hpp"

#include "os/kept_errno.hpp"
#include "topology/affinity.hpp"
#include "topology/hwloc_functions.hpp"
#include "topology/nearest_node.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <exception>
#include <map>
#include <memory>
#include <new>
#include <system_error>
#include <tuple>

namespace twill::topology {
namespace {

using functions = const hwloc_functions&;

struct topology_deleter {
    const hwloc_functions* hwloc;
    void operator()(hwloc_topology* topology) const noexcept { hwloc->topology_destroy(topology); }
};
using loaded_topology = std::unique_ptr<hwloc_topology, topology_deleter>;

struct bitmap_deleter {
    const hwloc_functions* hwloc;
    void operator()(hwloc_bitmap_s* set) const noexcept { hwloc->bitmap_free(set); }
};
using bitmap = std::unique_ptr<hwloc_bitmap_s, bitmap_deleter>;

/// What hwloc says in errno, for somebody who has given it a description.
std::string refusal(const source& from) {
    const int error = errno;
    if (from.kind == source_kind::xml && error != EINVAL) {
        return std::generic_category().message(error);
    }
    switch (from.kind) {
    case source_kind::synthetic:
        return "hwloc does not understand the description";
    case source_kind::xml:
        return "hwloc finds no topology in the file";
    case source_kind::machine:
        break;
    }
    return "hwloc: " + std::generic_category().message(error);
}

/// Null, and the reason in `why`, if hwloc refuses it.
loaded_topology load(functions hwloc, const source& from, std::string& why) {
    hwloc_topology_t raw = nullptr;
    if (hwloc.topology_init(&raw) != 0) {
        why = refusal({});
        return {nullptr, {&hwloc}};
    }
    loaded_topology topology(raw, {&hwloc});
    // What is kept from the program is shown, and left out by its allowed set.
    if (hwloc.topology_set_flags(raw, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED) != 0 ||
        (from.kind == source_kind::synthetic &&
         hwloc.topology_set_synthetic(raw, from.text.c_str()) != 0) ||
        (from.kind == source_kind::xml && hwloc.topology_set_xml(raw, from.text.c_str()) != 0) ||
        hwloc.topology_load(raw) != 0) {
        why = refusal(from);
        return {nullptr, {&hwloc}};
    }
    return topology;
}

/// The processors that may be used.
bitmap usable(functions hwloc, hwloc_topology_t topology, const source& from) {
    bitmap set(hwloc.bitmap_dup(hwloc.topology_get_allowed_cpuset(topology)), {&hwloc});
    const bitmap mask(hwloc.bitmap_alloc(), {&hwloc});
    if (set == nullptr || mask == nullptr) {
        throw std::bad_alloc();
    }
    if (from.kind == source_kind::machine &&
        hwloc.get_cpubind(topology, mask.get(), HWLOC_CPUBIND_THREAD) == 0 &&
        hwloc.bitmap_intersects(set.get(), mask.get()) != 0) {
        hwloc.bitmap_and(set.get(), set.get(), mask.get());
    }
    return set;
}

/// The kinds of cores, if there are several and somebody says which is the faster one.
class kinds {
public:
    kinds(functions hwloc, hwloc_topology_t topology)
        : hwloc_(hwloc), topology_(topology),
          count_(std::max(hwloc.cpukinds_get_nr(topology, 0), 0)) {
        for (int kind = 0; kind < count_; ++kind) {
            int efficiency = -1;
            if (hwloc.cpukinds_get_info(topology, static_cast<unsigned>(kind), nullptr, &efficiency,
                                        nullptr, nullptr, 0) != 0 ||
                efficiency < 0) {
                count_ = 0;
            }
        }
    }
    /// 0 for the fastest kind, and for all where nothing is known.
    [[nodiscard]] int slowness(hwloc_obj_t pu) const {
        const int kind = count_ < 2 ? -1 : hwloc_.cpukinds_get_by_cpuset(topology_, pu->cpuset, 0);
        return kind < 0 ? 0 : count_ - 1 - kind;
    }
    [[nodiscard]] core_kind of(hwloc_obj_t pu) const {
        if (count_ < 2 || hwloc_.cpukinds_get_by_cpuset(topology_, pu->cpuset, 0) < 0) {
            return core_kind::unknown;
        }
        return slowness(pu) == 0 ? core_kind::performance : core_kind::efficient;
    }

private:
    functions hwloc_;
    hwloc_topology_t topology_;
    int count_;
};

int ancestor(hwloc_obj_t pu, hwloc_obj_type_t type) {
    hwloc_obj_t found = pu->parent;
    while (found != nullptr && found->type != type) {
        found = found->parent;
    }
    return found == nullptr ? none : static_cast<int>(found->logical_index);
}

std::vector<int> offline_of(functions hwloc, hwloc_topology_t topology) {
    std::vector<int> numbers;
    const bitmap set(hwloc.bitmap_dup(hwloc.topology_get_complete_cpuset(topology)), {&hwloc});
    if (set == nullptr) {
        throw std::bad_alloc();
    }
    hwloc.bitmap_andnot(set.get(), set.get(), hwloc.topology_get_topology_cpuset(topology));
    for (int pu = -1;
         hwloc.bitmap_weight(set.get()) > 0 && (pu = hwloc.bitmap_next(set.get(), pu)) >= 0;) {
        numbers.push_back(pu);
    }
    return numbers;
}

table table_of(functions hwloc, hwloc_topology_t topology, const source& from) {
    const bitmap allowed = usable(hwloc, topology, from);
    const nearest_node nodes(hwloc, topology);
    const kinds kinds_of_cores(hwloc, topology);
    struct ranked {
        std::tuple<int, int, std::size_t> rank; ///< smt, slowness, as laid out
        table_row row;
    };
    std::vector<ranked> found;
    std::map<int, int> taken; // processors of each core so far
    table result;
    for (hwloc_obj_t pu =
             hwloc.get_obj_by_depth(topology, hwloc.get_type_depth(topology, HWLOC_OBJ_PU), 0);
         pu != nullptr; pu = pu->next_cousin) {
        table_row row{.pu = static_cast<int>(pu->os_index),
                      .core = ancestor(pu, HWLOC_OBJ_CORE),
                      .l2 = ancestor(pu, HWLOC_OBJ_L2CACHE),
                      .l3 = ancestor(pu, HWLOC_OBJ_L3CACHE),
                      .node = nodes.of(pu),
                      .package = ancestor(pu, HWLOC_OBJ_PACKAGE),
                      .kind = kinds_of_cores.of(pu),
                      .smt = 0};
        if (hwloc.bitmap_isset(allowed.get(), pu->os_index) == 0) {
            result.excluded.push_back(row);
            continue;
        }
        row.smt = row.core == none ? 0 : taken[row.core]++;
        found.push_back({{row.smt, kinds_of_cores.slowness(pu), found.size()}, row});
    }
    std::ranges::sort(found, {}, &ranked::rank);
    result.nodes = nodes.all();
    for (const ranked& one : found) {
        result.rows.push_back(one.row);
        const auto home = std::ranges::find(result.nodes, one.row.node, &memory_node::node);
        if (home != result.nodes.end()) {
            ++home->processors;
        }
    }
    result.offline = offline_of(hwloc, topology);
    return result;
}

} // namespace

std::optional<table> read_table(const source& from, std::string& why) noexcept {
    const os::kept_errno kept;
    try {
        // hwloc asks for the mask with sets that grow until it gets one: refused, it would never
        // end.
        if (from.kind == source_kind::machine && affinity_of(0).empty()) {
            why = "the system does not tell the affinity mask of the calling thread";
            return std::nullopt;
        }
        const inside_hwloc for_forks;
        const hwloc_functions* const hwloc = load_hwloc(why);
        if (hwloc == nullptr) {
            return std::nullopt;
        }
        const loaded_topology topology = load(*hwloc, from, why);
        if (topology == nullptr) {
            return std::nullopt;
        }
        table found = table_of(*hwloc, topology.get(), from);
        if (found.rows.empty()) {
            why = "it has no processor that may be used";
            return std::nullopt;
        }
        return found;
    } catch (const std::exception&) {
        why.clear();
        return std::nullopt;
    }
}

} // namespace twill::topology
