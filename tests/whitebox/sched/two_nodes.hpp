// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sched/access.hpp"
#include "twill/detail/placement.hpp"

#include <array>
#include <cstddef>
#include <utility>
#include <vector>

namespace twill::testing_support {

/// Elements of a loop as if they lay in blocks on the two nodes, by iterators over integers.
struct halves {
    explicit halves(std::size_t count)
        : cut{{{count / 2, 0}, {count, 1}}}, all{cut.data(), cut.size(), nullptr, 1} {}
    [[nodiscard]] detail::placed_range placed() const { return {&all, 0}; }
    std::array<detail::stretch, 2> cut;
    detail::placement all;
};

/// A scheduler of four places on two nodes, all awake; perhaps with cores of several kinds, or on
/// other nodes.
class two_nodes {
public:
    explicit two_nodes(std::vector<topology::core_kind> kinds = {},
                       std::vector<int> nodes = {0, 0, 1, 1}) {
        owner_.known_nodes.set(
            topology::node_map(std::move(nodes), topology::binds::recorded, std::move(kinds)),
            owner_.workers());
    }
    ~two_nodes() { owner_.shut_down(); }
    two_nodes(const two_nodes&) = delete;
    two_nodes& operator=(const two_nodes&) = delete;

    sched::scheduler& owner() { return owner_; }

private:
    sched::scheduler owner_{sched::with_workers(4)};
};

} // namespace twill::testing_support
