// SPDX-License-Identifier: Apache-2.0
#include "harness/harness.hpp"

#include "harness/spin.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

namespace {

struct item {
    long value;
    long weight;
};

struct problem {
    std::vector<item> items; ///< by value for weight, the best first
    long capacity = 0;
    long greedy = 0; ///< the value of a good packing that is easily found
};

problem make_problem(long count) {
    problem made;
    long weight = 0;
    for (long i = 0; i < count; ++i) {
        const std::uint64_t draw = bench::scatter(static_cast<std::uint64_t>(i) + 1000);
        item drawn{};
        drawn.weight = 500 + static_cast<long>(draw % 500);
        drawn.value = drawn.weight + static_cast<long>((draw >> 32) % 100);
        weight += drawn.weight;
        made.items.push_back(drawn);
    }
    std::sort(made.items.begin(), made.items.end(), [](const item& one, const item& other) {
        return one.value * other.weight > other.value * one.weight;
    });
    made.capacity = weight / 2;
    long left = made.capacity;
    for (const item& candidate : made.items) {
        if (candidate.weight <= left) {
            left -= candidate.weight;
            made.greedy += candidate.value;
        }
    }
    return made;
}

/// The best value that `value` grows to with items from `next` on in the space that is `left`;
/// where it cannot exceed the greedy packing, some value that does not.
BENCH_RECURSIVE long pack(const problem& given, std::size_t next, long left, long value) {
    const std::size_t count = given.items.size();
    while (next < count && given.items[next].weight > left) {
        ++next;
    }
    if (next == count) {
        return value;
    }
    const item best = given.items[next];
    // No item that is left gives more for its weight than this one.
    if ((given.greedy - value) * best.weight >= left * best.value) {
        return value;
    }
    auto [with, without] = bench::runtime::invoke(
        [&given, best, next, left, value] {
            return pack(given, next + 1, left - best.weight, value + best.value);
        },
        [&given, next, left, value] { return pack(given, next + 1, left, value); });
    return std::max(with, without);
}

long best_packing(const problem& given) {
    return std::max(given.greedy, pack(given, 0, given.capacity, 0));
}

/// The same by dynamic programming: the best value for every capacity, item by item.
long best_by_table(const problem& given) {
    std::vector<long> best(static_cast<std::size_t>(given.capacity) + 1, 0);
    for (const item& added : given.items) {
        const auto weight = static_cast<std::size_t>(added.weight);
        for (std::size_t space = best.size(); space-- > weight;) {
            best[space] = std::max(best[space], best[space - weight] + added.value);
        }
    }
    return best.back();
}

bench::operation prepare(const bench::arguments& given) {
    const auto whole = std::make_shared<problem>(make_problem(given.size));
    const auto small = std::make_shared<problem>(make_problem(12));
    const long expected = best_by_table(*whole);
    const auto result = std::make_shared<long>(-1);
    return {.run = [=] { *result = best_packing(*whole); },
            .check = [=] { return *result == expected; },
            .reset = [=] { *result = -1; },
            .warm = [=] { *result = best_packing(*small); }};
}

} // namespace

int main(int argc, char** argv) {
    return bench::run_kernel("knapsack", bench::parse_arguments(argc, argv),
                             {{"bounded", 32, prepare}});
}
