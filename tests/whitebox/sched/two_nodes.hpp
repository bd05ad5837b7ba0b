// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sched/access.hpp"

#include <vector>

namespace twill::testing_support {

/// A scheduler of four places on two nodes, all awake.
class two_nodes {
public:
    two_nodes() {
        owner_.known_nodes.set(
            topology::node_map(std::vector<int>{0, 0, 1, 1}, topology::binds::recorded),
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
