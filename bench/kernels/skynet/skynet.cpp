// SPDX-License-Identifier: Apache-2.0
#include "harness/padding.hpp"

#include "harness/harness.hpp"

#include <functional>
#include <memory>

namespace {

constexpr long degree = 10;

/// The sum of [first, first + size), by a task for every node of a tree of degree ten.
BENCH_RECURSIVE long skynet_loop(long first, long size) {
    if (size == 1) {
        return first;
    }
    const long part = size / degree;
    return bench::runtime::reduce(
        0L, degree, 0L, [first, part](long i) { return skynet_loop(first + i * part, part); },
        std::plus<>{});
}

long skynet_two_way(long first, long size);

/// The children [begin, end) of a node, by forks of two.
BENCH_RECURSIVE long children(long first, long part, long begin, long end) {
    if (end - begin == 1) {
        return skynet_two_way(first + begin * part, part);
    }
    const long middle = begin + (end - begin) / 2;
    auto [a, b] = bench::runtime::invoke([=] { return children(first, part, begin, middle); },
                                         [=] { return children(first, part, middle, end); });
    return a + b;
}

BENCH_RECURSIVE long skynet_two_way(long first, long size) {
    if (size == 1) {
        return first;
    }
    return children(first, size / degree, 0, degree);
}

template <class Function>
bench::operation prepare(Function skynet, long size) {
    const auto result = std::make_shared<long>(-1);
    return {.run = [=] { *result = skynet(0, size); },
            .check = [=] { return *result == size * (size - 1) / 2; },
            .reset = [=] { *result = -1; },
            .warm = [=] { *result = skynet(0, 1000); }};
}

} // namespace

int main(int argc, char** argv) {
    return bench::run_kernel(
        "skynet", bench::parse_arguments(argc, argv),
        {{"loop", 100'000'000,
          [](const bench::arguments& given) {
              return prepare([](long first, long size) { return skynet_loop(first, size); },
                             given.size);
          }},
         {"two_way", 100'000'000, [](const bench::arguments& given) {
              return prepare([](long first, long size) { return skynet_two_way(first, size); },
                             given.size);
          }}});
}
