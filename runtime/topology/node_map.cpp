// SPDX-License-Identifier: Apache-2.0
#include "topology/node_map.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace twill::topology {

namespace {

std::vector<int> nodes_of(std::span<const table_row> workers) {
    std::vector<int> nodes(workers.size());
    std::ranges::transform(workers, nodes.begin(), &table_row::node);
    return nodes;
}

std::vector<core_kind> kinds_of(std::span<const table_row> workers) {
    std::vector<core_kind> kinds(workers.size());
    std::ranges::transform(workers, kinds.begin(), &table_row::kind);
    return kinds;
}

} // namespace

node_map::node_map(std::vector<int> node_of_place, binds with, std::vector<core_kind> kind_of_place)
    : node_of_place_(std::move(node_of_place)), kind_of_place_(std::move(kind_of_place)),
      with_(with) {
    kind_of_place_.resize(node_of_place_.size(), core_kind::unknown);
    for (std::size_t place = 0; place < node_of_place_.size(); ++place) {
        const auto found = std::ranges::find(shares_, node_of_place_[place], &share::node);
        share& of = found != shares_.end() ? *found
                                           : shares_.emplace_back(share{node_of_place_[place], {}});
        of.places.push_back(static_cast<int>(place));
        of.efficient_before.push_back(of.efficient_before.back() +
                                      (kind_of_place_[place] == core_kind::efficient ? 1 : 0));
    }
    mixed_ = std::ranges::any_of(shares_, [](const share& one) {
        const std::size_t efficient = one.efficient_before.back();
        return efficient > 0 && efficient < one.places.size();
    });
}

node_map::node_map(std::span<const table_row> workers, binds with)
    : node_map(nodes_of(workers), with, kinds_of(workers)) {}

const node_map::share* node_map::find(int node) const noexcept {
    const auto found = std::ranges::find(shares_, node, &share::node);
    return found != shares_.end() ? &*found : nullptr;
}

} // namespace twill::topology
