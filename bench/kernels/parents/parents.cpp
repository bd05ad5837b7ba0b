// SPDX-License-Identifier: Apache-2.0
#include "harness/harness.hpp"

#include "harness/spin.hpp"

#include <cstdint>
#include <functional>
#include <memory>

namespace {

constexpr long parent_count = 8;
constexpr double own_us = 5;
constexpr double leaf_us = 20;

struct lengths {
    long own;
    long leaf;
};

/// A parent that forks one serial leaf after the other and has a quarter as much to do itself: it
/// ends up at a join whose child a thief has just begun, with nothing to leapfrog to.
std::uint64_t parent(long forks, std::uint64_t seed, lengths steps) {
    std::uint64_t sum = 0;
    for (long i = 0; i < forks; ++i) {
        const std::uint64_t key = seed + static_cast<std::uint64_t>(i);
        auto [a, b] =
            bench::runtime::invoke([=] { return bench::spin_steps(key, steps.own); },
                                   [=] { return bench::spin_steps(key * 7, steps.leaf); });
        sum += a ^ b;
    }
    return sum;
}

std::uint64_t all_parents(long forks, lengths steps) {
    return bench::runtime::reduce(
        0L, parent_count, std::uint64_t{0},
        [=](long i) { return parent(forks, static_cast<std::uint64_t>(i) * 1000, steps); },
        std::plus<>{});
}

std::uint64_t expected_sum(long forks, lengths steps) {
    std::uint64_t sum = 0;
    for (long i = 0; i < parent_count; ++i) {
        for (long k = 0; k < forks; ++k) {
            const std::uint64_t key = static_cast<std::uint64_t>(i * 1000 + k);
            sum += bench::spin_steps(key, steps.own) ^ bench::spin_steps(key * 7, steps.leaf);
        }
    }
    return sum;
}

} // namespace

int main(int argc, char** argv) {
    return bench::run_kernel(
        "parents", bench::parse_arguments(argc, argv),
        {{"leaves", 2500, [](const bench::arguments& given) -> bench::operation {
              const double unit = given.unit > 0 ? given.unit : bench::steps_per_microsecond();
              const lengths steps{static_cast<long>(own_us * unit),
                                  static_cast<long>(leaf_us * unit)};
              const long forks = given.size;
              const std::uint64_t expected = expected_sum(forks, steps);
              const auto result = std::make_shared<std::uint64_t>(0);
              return {.run = [=] { *result = all_parents(forks, steps); },
                      .check = [=] { return *result == expected; },
                      .reset = [=] { *result = 0; },
                      .warm = [=] { *result = all_parents(4, steps); }};
          }}});
}
