// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "topology/node_map.hpp"
#include "twill/detail/placement.hpp"

#include <cstddef>
#include <vector>

namespace twill::topology {

/// Which elements of an array lie on which node when it is divided into one block of whole pages
/// for each node, in the order of node_map::shares(), by the number of places on it. An element
/// belongs where its first byte lies. Nodes that get none are left out.
///
/// With P pages and W places, the nodes up to and including number j, with w places in all, have
/// the pages below floor(P w / W).
/// Linear in the number of nodes; throws std::bad_alloc. `page` is in bytes, and neither it nor
/// `element_size` is 0.
std::vector<detail::stretch> blocked_partition(std::size_t count, std::size_t element_size,
                                               std::size_t page, const node_map& nodes);

/// The page in which element `k` begins. A block of that partition has the pages from its first
/// element's on to the one in which the next block begins.
constexpr std::size_t page_of(std::size_t k, std::size_t element_size, std::size_t page) noexcept {
    return k * element_size / page;
}

} // namespace twill::topology
