// SPDX-License-Identifier: Apache-2.0
#include "harness/padding.hpp"

#include "harness/harness.hpp"

#include "harness/spin.hpp"

#include <cmath>
#include <cstdint>
#include <memory>
#include <numeric>
#include <vector>

namespace {

/// Recursive programs as people write them first: everything by reference, results into local
/// variables, and next to nothing in a leaf.

constexpr long leaf_elements = 4;

BENCH_RECURSIVE long sum(const int* first, const int* last) {
    if (last - first <= leaf_elements) {
        return std::accumulate(first, last, 0L);
    }
    const int* const middle = first + (last - first) / 2;
    long a;
    long b;
    bench::runtime::invoke([&] { a = sum(first, middle); }, [&] { b = sum(middle, last); });
    return a + b;
}

bench::operation prepare_sum(const bench::arguments& given) {
    const auto input = std::make_shared<std::vector<int>>();
    for (long i = 0; i < given.size; ++i) {
        input->push_back(static_cast<int>(bench::scatter(static_cast<std::uint64_t>(i)) % 1000));
    }
    const long expected = std::accumulate(input->begin(), input->end(), 0L);
    const auto result = std::make_shared<long>(-1);
    return {.run = [=] { *result = sum(input->data(), input->data() + input->size()); },
            .check = [=] { return *result == expected; },
            .reset = [=] { *result = -1; },
            .warm = [=] { *result = sum(input->data(), input->data() + 64); }};
}

double curve(double x) { return (x * x + 1.0) * x; }

/// The area under the curve between two points, halved until halving changes nothing.
BENCH_RECURSIVE double integrate(double x1, double y1, double x2, double y2, double area) {
    const double half = (x2 - x1) / 2;
    const double x0 = x1 + half;
    const double y0 = curve(x0);
    const double area1 = (y1 + y0) / 2 * half;
    const double area2 = (y0 + y2) / 2 * half;
    if (std::abs(area1 + area2 - area) < 1e-4) {
        return area1 + area2;
    }
    double a;
    double b;
    bench::runtime::invoke([&] { a = integrate(x1, y1, x0, y0, area1); },
                           [&] { b = integrate(x0, y0, x2, y2, area2); });
    return a + b;
}

bench::operation prepare_integrate(const bench::arguments& given) {
    const auto end = static_cast<double>(given.size);
    const double exact = end * end * end * end / 4 + end * end / 2;
    const auto result = std::make_shared<double>(-1);
    return {.run = [=] { *result = integrate(0, curve(0), end, curve(end), 0); },
            .check = [=] { return std::abs(*result - exact) < 1e-6 * exact; },
            .reset = [=] { *result = -1; },
            .warm = [=] { *result = integrate(0, curve(0), 1, curve(1), 0); }};
}

struct tree_node {
    int key = 0;
    std::unique_ptr<tree_node> smaller;
    std::unique_ptr<tree_node> larger;
};

/// How many keys of a search tree are odd.
BENCH_RECURSIVE long walk(const tree_node* node) {
    if (node == nullptr) {
        return 0;
    }
    long a;
    long b;
    bench::runtime::invoke([&] { a = walk(node->smaller.get()); },
                           [&] { b = walk(node->larger.get()); });
    return a + b + (node->key & 1);
}

std::unique_ptr<tree_node> make_tree(int first, int last) {
    if (first == last) {
        return nullptr;
    }
    auto node = std::make_unique<tree_node>();
    const auto draw = bench::scatter(static_cast<std::uint64_t>(first) * 77777 +
                                     static_cast<std::uint64_t>(last));
    node->key = first + static_cast<int>(draw % static_cast<std::uint64_t>(last - first));
    node->smaller = make_tree(first, node->key);
    node->larger = make_tree(node->key + 1, last);
    return node;
}

bench::operation prepare_walk(const bench::arguments& given) {
    const std::shared_ptr<tree_node> tree = make_tree(0, static_cast<int>(given.size));
    const std::shared_ptr<tree_node> small = make_tree(0, 64);
    const auto result = std::make_shared<long>(-1);
    return {.run = [=] { *result = walk(tree.get()); },
            .check = [=] { return *result == given.size / 2; },
            .reset = [=] { *result = -1; },
            .warm = [=] { *result = walk(small.get()); }};
}

} // namespace

int main(int argc, char** argv) {
    return bench::run_kernel("fine", bench::parse_arguments(argc, argv),
                             {{"sum", 20'000'000, prepare_sum},
                              {"integrate", 2000, prepare_integrate},
                              {"walk", 2'000'000, prepare_walk}});
}
