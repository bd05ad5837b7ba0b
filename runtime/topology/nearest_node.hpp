// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "topology/hwloc_functions.hpp"
#include "topology/table.hpp"

#include <vector>

namespace twill::topology {

/// The NUMA nodes of a topology, and which of them a processor belongs to.
///
/// In hwloc nodes hang beside the tree of caches and cores: a node is found by its set of
/// processors, and several may have the same one (DRAM and HBM of one package).
class nearest_node {
public:
    /// The topology must outlive this.
    nearest_node(const hwloc_functions& hwloc, hwloc_topology_t topology);
    ~nearest_node();
    nearest_node(const nearest_node&) = delete;
    nearest_node& operator=(const nearest_node&) = delete;

    /// The kernel's number of the nearest node of ordinary memory; none if there are no nodes.
    [[nodiscard]] int of(hwloc_obj_t pu) const;

    /// All nodes, in the order of their numbers; `processors` is 0.
    [[nodiscard]] std::vector<memory_node> all() const;

private:
    [[nodiscard]] memory_kind kind_of(hwloc_obj_t node) const;
    [[nodiscard]] hwloc_obj_t around(hwloc_obj_t pu, const std::vector<hwloc_obj_t>& among) const;
    [[nodiscard]] hwloc_obj_t beside(hwloc_obj_t pu) const;
    [[nodiscard]] int depth_of_common_ancestor(hwloc_obj_t pu, hwloc_obj_t node) const;
    [[nodiscard]] hwloc_uint64_t latency(hwloc_obj_t pu, hwloc_obj_t node) const;
    [[nodiscard]] hwloc_uint64_t distance(hwloc_obj_t from, hwloc_obj_t to) const;

    const hwloc_functions& hwloc_;
    hwloc_topology_t topology_;
    std::vector<hwloc_obj_t> nodes_;
    bool sized_ = false;             ///< some node tells how much memory it has
    std::vector<hwloc_obj_t> homes_; ///< those that processors may belong to
    hwloc_distances_s* distances_ = nullptr;
};

} // namespace twill::topology
