// SPDX-License-Identifier: Apache-2.0
#include "topology/nearest_node.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <limits>
#include <span>
#include <tuple>

namespace twill::topology {
namespace {

constexpr hwloc_uint64_t unknown_distance = std::numeric_limits<hwloc_uint64_t>::max();

/// Memory that programs get without asking has no type of its own, or this one.
bool ordinary_type(hwloc_obj_t node) {
    const bool plain = node->subtype == nullptr || *node->subtype == '\0' ||
                       std::strcmp(node->subtype, "DRAM") == 0;
    const std::span infos(node->infos, node->infos_count);
    return plain && std::ranges::none_of(infos, [](const hwloc_info_s& info) {
               return std::strcmp(info.name, "DAXDevice") == 0;
           });
}

} // namespace

nearest_node::nearest_node(const hwloc_functions& hwloc, hwloc_topology_t topology)
    : hwloc_(hwloc), topology_(topology) {
    for (hwloc_obj_t node = hwloc.get_obj_by_depth(
             topology, hwloc.get_type_depth(topology, HWLOC_OBJ_NUMANODE), 0);
         node != nullptr; node = node->next_cousin) {
        nodes_.push_back(node);
    }
    sized_ = std::ranges::any_of(
        nodes_, [](hwloc_obj_t node) { return node->attr->numanode.local_memory > 0; });
    for (const memory_kind wanted : {memory_kind::ordinary, memory_kind::special}) {
        if (homes_.empty()) {
            std::ranges::copy_if(nodes_, std::back_inserter(homes_),
                                 [&](hwloc_obj_t node) { return kind_of(node) == wanted; });
        }
    }
    unsigned count = 1;
    if (hwloc.distances_get_by_type(topology, HWLOC_OBJ_NUMANODE, &count, &distances_,
                                    HWLOC_DISTANCES_KIND_MEANS_LATENCY, 0) != 0 ||
        count == 0) {
        distances_ = nullptr;
    }
}

nearest_node::~nearest_node() {
    if (distances_ != nullptr) {
        hwloc_.distances_release(topology_, distances_);
    }
}

// Where no node tells its size, the sizes are unknown and not zero.
memory_kind nearest_node::kind_of(hwloc_obj_t node) const {
    if (sized_ && node->attr->numanode.local_memory == 0) {
        return memory_kind::missing;
    }
    return ordinary_type(node) ? memory_kind::ordinary : memory_kind::special;
}

std::vector<memory_node> nearest_node::all() const {
    std::vector<memory_node> found;
    found.reserve(nodes_.size());
    for (hwloc_obj_t const node : nodes_) {
        found.push_back({static_cast<int>(node->os_index), kind_of(node),
                         node->subtype == nullptr ? "" : node->subtype,
                         node->attr->numanode.local_memory, 0});
    }
    std::ranges::sort(found, {}, &memory_node::node);
    return found;
}

int nearest_node::of(hwloc_obj_t pu) const {
    hwloc_obj_t node = around(pu, homes_);
    if (node == nullptr) {
        node = beside(pu);
    }
    return node == nullptr ? none : static_cast<int>(node->os_index);
}

// Of the nodes around a processor the one for the fewest processors is the most local; where one
// has several memories, the ordinary one answers first.
hwloc_obj_t nearest_node::around(hwloc_obj_t pu, const std::vector<hwloc_obj_t>& among) const {
    hwloc_obj_t best = nullptr;
    std::tuple<int, hwloc_uint64_t> best_rank;
    for (hwloc_obj_t const node : among) {
        if (hwloc_.bitmap_isset(node->cpuset, pu->os_index) == 0) {
            continue;
        }
        const std::tuple rank(hwloc_.bitmap_weight(node->cpuset), latency(pu, node));
        if (best == nullptr || rank < best_rank) {
            best = node;
            best_rank = rank;
        }
    }
    return best;
}

// A processor whose own node has no ordinary memory: the table of distances says which node is the
// nearest, and where it is silent or undecided, the tree.
hwloc_obj_t nearest_node::beside(hwloc_obj_t pu) const {
    hwloc_obj_t const own = around(pu, nodes_);
    hwloc_obj_t best = nullptr;
    std::tuple<hwloc_uint64_t, int> best_rank;
    for (hwloc_obj_t const node : homes_) {
        const std::tuple rank(own == nullptr ? unknown_distance : distance(own, node),
                              -depth_of_common_ancestor(pu, node));
        if (best == nullptr || rank < best_rank) {
            best = node;
            best_rank = rank;
        }
    }
    return best;
}

// A node hangs below what has its processors: a processor outside of that has it in common with the
// first that is around both.
int nearest_node::depth_of_common_ancestor(hwloc_obj_t pu, hwloc_obj_t node) const {
    hwloc_obj_t parent = node->parent;
    while (hwloc_.obj_type_is_memory(parent->type) != 0 ||
           hwloc_.bitmap_isset(parent->complete_cpuset, pu->os_index) == 0) {
        parent = parent->parent;
    }
    return parent->depth;
}

hwloc_uint64_t nearest_node::latency(hwloc_obj_t pu, hwloc_obj_t node) const {
    hwloc_location initiator{};
    initiator.type = HWLOC_LOCATION_TYPE_CPUSET;
    initiator.location.cpuset = pu->cpuset;
    hwloc_uint64_t value = 0;
    return hwloc_.memattr_get_value(topology_, HWLOC_MEMATTR_ID_LATENCY, node, &initiator, 0,
                                    &value) == 0
               ? value
               : unknown_distance;
}

hwloc_uint64_t nearest_node::distance(hwloc_obj_t from, hwloc_obj_t to) const {
    if (distances_ == nullptr) {
        return unknown_distance;
    }
    const std::span objects(distances_->objs, distances_->nbobjs);
    const auto number_of = [&objects](hwloc_obj_t one) {
        return static_cast<std::size_t>(std::ranges::find(objects, one) - objects.begin());
    };
    const std::size_t there = number_of(from);
    const std::size_t back = number_of(to);
    return there < objects.size() && back < objects.size()
               ? distances_->values[there * objects.size() + back]
               : unknown_distance;
}

} // namespace twill::topology
