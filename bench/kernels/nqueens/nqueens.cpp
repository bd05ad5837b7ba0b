// SPDX-License-Identifier: Apache-2.0
#include "harness/padding.hpp"

#include "harness/harness.hpp"

#include <array>
#include <functional>
#include <memory>

namespace {

constexpr long largest = 16;
constexpr std::array<long, largest + 1> solutions = {
    1, 1, 0, 0, 2, 10, 4, 40, 92, 352, 724, 2680, 14200, 73712, 365596, 2279184, 14772512};

/// The ways to fill the rows that are left: `taken` columns, and the diagonals through this row.
/// The free columns are listed first and then looped over, in the serial form too, here and below:
/// both visit the same way, and a range of a loop can be cut anywhere.
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

/// The column of the queen in each row that has one.
using board = std::array<signed char, largest>;

bool attacked(const board& queens, int row, int column) {
    for (int k = 0; k < row; ++k) {
        const int apart = queens[static_cast<std::size_t>(k)] - column;
        if (apart == 0 || apart == row - k || apart == k - row) {
            return true;
        }
    }
    return false;
}

/// Lists the columns of a row in which a queen is not attacked, and returns how many there are: all
/// the work of a node. It and the recursion are functions of their own in the programs. Each place
/// of these loops in the code, and each that they are called from, is one more for the processor to
/// learn their branches at, and the body of a loop stands at two or three places of a parallel one.
[[gnu::noinline]] std::size_t list_fitting(const board& queens, int row, int n, board& fits) {
    std::size_t count = 0;
    for (int column = 0; column < n; ++column) {
        if (!attacked(queens, row, column)) {
            fits[count++] = static_cast<signed char>(column);
        }
    }
    return count;
}

/// The same with the queens one by one, as the benchmark is mostly written: each column of a row is
/// tried against all queens, and each queen that fits gets a board of its own.
BENCH_RECURSIVE_EVERYWHERE long place_row(const board& queens, int row, int n) {
    if (row == n) {
        return 1;
    }
    board fits;
    const std::size_t count = list_fitting(queens, row, n, fits);
    const signed char* const first = fits.data();
    return bench::runtime::reduce(
        first, first + count, 0L,
        [&queens, row, n](signed char column) {
            board next = queens;
            next[static_cast<std::size_t>(row)] = column;
            return place_row(next, row + 1, n);
        },
        std::plus<>{});
}

long by_board(long n) { return place_row({}, 0, static_cast<int>(n)); }
long by_bits(long n) { return place((1U << n) - 1, 0, 0, 0); }

bench::operation prepare(const bench::arguments& given, long (*count)(long n)) {
    const long n = given.size < largest ? given.size : largest;
    const auto result = std::make_shared<long>(-1);
    return {.run = [=] { *result = count(n); },
            .check = [=] { return *result == solutions[static_cast<std::size_t>(n)]; },
            .reset = [=] { *result = -1; },
            .warm = [=] { *result = count(8); }};
}

} // namespace

int main(int argc, char** argv) {
    const auto counts = [](long (*count)(long n)) {
        return [count](const bench::arguments& given) { return prepare(given, count); };
    };
    return bench::run_kernel("nqueens", bench::parse_arguments(argc, argv),
                             {{"board", 14, counts(&by_board)}, {"bits", 14, counts(&by_bits)}});
}
