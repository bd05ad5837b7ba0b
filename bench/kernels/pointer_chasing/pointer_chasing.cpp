// SPDX-License-Identifier: Apache-2.0
#include "harness/harness.hpp"

#include "harness/spin.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <vector>

namespace {

/// As long as a line of the cache, so that every step of a walk is a miss of its own.
struct alignas(64) node {
    const node* next;
    std::uint64_t value;
};

constexpr std::size_t nodes_a_list = 1024;

/// Rings of nodes that lie all over one array.
struct rings {
    std::vector<node> nodes;
    std::vector<const node*> first;  ///< of each ring
    std::vector<std::uint64_t> sums; ///< of the values of each ring

    explicit rings(std::size_t count) : nodes(count * nodes_a_list) {
        const std::vector<std::uint32_t> places = shuffled(nodes.size());
        for (std::size_t ring = 0; ring < count; ++ring) {
            const std::uint32_t* const own = places.data() + ring * nodes_a_list;
            std::uint64_t sum = 0;
            for (std::size_t i = 0; i < nodes_a_list; ++i) {
                node& made = nodes[own[i]];
                made.next = &nodes[own[(i + 1) % nodes_a_list]];
                made.value = bench::scatter(own[i]);
                sum += made.value;
            }
            first.push_back(&nodes[own[0]]);
            sums.push_back(sum);
        }
    }

private:
    static std::vector<std::uint32_t> shuffled(std::size_t count) {
        std::vector<std::uint32_t> places(count);
        std::iota(places.begin(), places.end(), 0U);
        for (std::size_t left = count; left > 1; --left) {
            std::swap(places[left - 1], places[bench::scatter(left) % left]);
        }
        return places;
    }
};

/// Once around: the sum of the values.
std::uint64_t walk(const node* start) {
    std::uint64_t sum = 0;
    const node* at = start;
    do {
        sum += at->value;
        at = at->next;
    } while (at != start);
    return sum;
}

bench::operation prepare(const bench::arguments& given) {
    const std::size_t count =
        std::max<std::size_t>(static_cast<std::size_t>(given.size) / nodes_a_list, 1);
    const auto input = std::make_shared<rings>(count);
    const auto results = std::make_shared<std::vector<std::uint64_t>>(count);
    const auto walk_some = [=](std::size_t most) {
        const node* const* const first = input->first.data();
        std::uint64_t* const sums = results->data();
        bench::runtime::for_each(std::size_t{0}, most,
                                 [=](std::size_t ring) { sums[ring] = walk(first[ring]); });
    };
    return {.run = [=] { walk_some(count); },
            .check = [=] { return *results == input->sums; },
            .reset = [=] { results->assign(count, 0); },
            .warm = [=] { walk_some(std::min<std::size_t>(count, 16)); }};
}

} // namespace

int main(int argc, char** argv) {
    return bench::run_kernel("pointer_chasing", bench::parse_arguments(argc, argv),
                             {{"rings", 2 << 20, prepare}});
}
