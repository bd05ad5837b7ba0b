// SPDX-License-Identifier: Apache-2.0
#include "harness/harness.hpp"

#include "harness/spin.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace {

/// A binomial tree: every node but the root has four children with a chance just below one
/// quarter, else none. The sizes of subtrees spread over all orders of magnitude, and nobody can
/// tell the size of one without visiting it.
constexpr long branches = 4;
constexpr double chance = 0.24995;
constexpr std::uint64_t root = 5;

struct node {
    std::uint64_t key;
    long children;
};

node child(std::uint64_t parent, long index) noexcept {
    const std::uint64_t key = bench::scatter(parent * 31 + static_cast<std::uint64_t>(index) + 1);
    const double draw = static_cast<double>(key >> 11) * 0x1p-53;
    return {key, draw < chance ? branches : 0};
}

BENCH_RECURSIVE long count(std::uint64_t key, long children) {
    if (children == 0) {
        return 1;
    }
    const long below = bench::runtime::reduce(
        0L, children, 0L,
        [key](long i) {
            const node next = child(key, i);
            return count(next.key, next.children);
        },
        std::plus<>{});
    return 1 + below;
}

/// The same number without recursion, to check against.
long count_by_list(std::uint64_t key, long children) {
    std::vector<node> open{{key, children}};
    long nodes = 0;
    while (!open.empty()) {
        const node next = open.back();
        open.pop_back();
        ++nodes;
        for (long i = 0; i < next.children; ++i) {
            open.push_back(child(next.key, i));
        }
    }
    return nodes;
}

} // namespace

int main(int argc, char** argv) {
    return bench::run_kernel(
        "uts", bench::parse_arguments(argc, argv),
        {{"binomial", 3770, [](const bench::arguments& given) -> bench::operation {
              const long children = given.size;
              const long expected = count_by_list(root, children);
              const auto result = std::make_shared<long>(-1);
              return {.run = [=] { *result = count(root, children); },
                      .check = [=] { return *result == expected; },
                      .reset = [=] { *result = -1; },
                      .warm = [=] { *result = count(root, 8); }};
          }}});
}
