// SPDX-License-Identifier: Apache-2.0
#include "topology/partition.hpp"

#include <algorithm>

namespace twill::topology {

std::vector<detail::stretch> blocked_partition(std::size_t count, std::size_t element_size,
                                               std::size_t page, const node_map& nodes) {
    std::vector<detail::stretch> blocks;
    const std::size_t pages = (count * element_size + page - 1) / page;
    const auto places = static_cast<std::size_t>(nodes.places());
    std::size_t before = 0; // places on the nodes so far
    std::size_t begin = 0;
    for (const node_map::share& one : nodes.shares()) {
        before += one.places.size();
        // floor(pages before / places) without a product that could wrap around
        const std::size_t end_page = pages / places * before + pages % places * before / places;
        const std::size_t from_bytes = (end_page * page + element_size - 1) / element_size;
        const std::size_t end = before == places ? count : std::min(count, from_bytes);
        if (end > begin) {
            blocks.push_back({end, one.node});
            begin = end;
        }
    }
    return blocks;
}

} // namespace twill::topology
