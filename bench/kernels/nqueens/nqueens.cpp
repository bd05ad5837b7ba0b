// SPDX-License-Identifier: Apache-2.0
#include "harness/harness.hpp"

#include <array>
#include <functional>
#include <memory>

namespace {

constexpr long largest = 16;
constexpr std::array<long, largest + 1> solutions = {
    1, 1, 0, 0, 2, 10, 4, 40, 92, 352, 724, 2680, 14200, 73712, 365596, 2279184, 14772512};

/// The ways to fill the rows that are left: `taken` columns, and the diagonals through this row.
/// The free columns are listed first and then looped over, in the serial form too: both visit the
/// same way, and a range of a loop can be cut anywhere.
BENCH_RECURSIVE long place(unsigned all, unsigned taken, unsigned left, unsigned right) {
    if (taken == all) {
        return 1;
    }
    std::array<unsigned, largest> columns;
    std::size_t count = 0;
    for (unsigned open = all & ~(taken | left | right); open != 0; open &= open - 1) {
        columns[count++] = open & (0U - open);
    }
    const unsigned* const first = columns.data();
    return bench::runtime::reduce(
        first, first + count, 0L,
        [=](unsigned column) {
            return place(all, taken | column, (left | column) << 1, (right | column) >> 1);
        },
        std::plus<>{});
}

} // namespace

int main(int argc, char** argv) {
    return bench::run_kernel(
        "nqueens", bench::parse_arguments(argc, argv),
        {{"bits", 14, [](const bench::arguments& given) -> bench::operation {
              const long n = given.size < largest ? given.size : largest;
              const auto result = std::make_shared<long>(-1);
              return {.run = [=] { *result = place((1U << n) - 1, 0, 0, 0); },
                      .check = [=] { return *result == solutions[static_cast<std::size_t>(n)]; },
                      .reset = [=] { *result = -1; },
                      .warm = [=] { *result = place((1U << 8) - 1, 0, 0, 0); }};
          }}});
}
