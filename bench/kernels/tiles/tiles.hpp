// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <memory>
#include <new>

namespace bench::tiles {

/// Rows and columns of a tile. Three of them fit a first-level cache.
inline constexpr long tile = 32;

/// The next side that can be halved down to a tile.
inline long whole_side(long n) {
    return static_cast<long>(std::bit_ceil(static_cast<unsigned long>(std::max(n, tile))));
}

struct free_aligned {
    void operator()(double* data) const { ::operator delete[](data, std::align_val_t{64}); }
};
using storage = std::unique_ptr<double[], free_aligned>;

/// Room for doubles, on a boundary of cache lines, not yet touched.
inline storage allocate(long count) {
    return storage(static_cast<double*>(
        ::operator new[](static_cast<std::size_t>(count) * sizeof(double), std::align_val_t{64})));
}

/// A quadrant of a square matrix; each lies in one piece.
template <class Number>
Number* quadrant(Number* matrix, long side, int row, int column) {
    return matrix + (2 * row + column) * (side / 2) * (side / 2);
}

/// Where element (row, column) is: quadrants within quadrants down to the tile, which is row-major.
inline std::size_t position(long row, long column) {
    long tiles = 0;
    for (long bit = 0; (std::max(row, column) / tile) >> bit != 0; ++bit) {
        tiles |= ((column / tile) >> bit & 1) << (2 * bit);
        tiles |= ((row / tile) >> bit & 1) << (2 * bit + 1);
    }
    return static_cast<std::size_t>(tiles * tile * tile + row % tile * tile + column % tile);
}

/// What a product does with its result and with its left factor.
enum class form { add, subtract_transposed };

/// c += a b, or c -= a^T b, of tiles. Four rows by four steps of the sum at a time: compilers keep
/// the sixteen factors in registers and make vectors of the columns.
template <form Form>
[[gnu::noinline]] void multiply_tile(double* __restrict c, const double* __restrict a,
                                     const double* __restrict b) {
    constexpr long strip = 4;
    for (long i = 0; i < tile; i += strip) {
        for (long k = 0; k < tile; k += strip) {
            for (long j = 0; j < tile; ++j) {
                for (long row = i; row < i + strip; ++row) {
                    double sum = c[row * tile + j];
                    for (long step = k; step < k + strip; ++step) {
                        if constexpr (Form == form::add) {
                            sum += a[row * tile + step] * b[step * tile + j];
                        } else {
                            sum -= a[step * tile + row] * b[step * tile + j];
                        }
                    }
                    c[row * tile + j] = sum;
                }
            }
        }
    }
}

/// The same of matrices, serially: eight products of quadrants.
template <form Form>
void multiply(double* c, const double* a, const double* b, long side) {
    if (side == tile) {
        multiply_tile<Form>(c, a, b);
        return;
    }
    for (int step = 0; step < 2; ++step) {
        for (int row = 0; row < 2; ++row) {
            const double* const left =
                Form == form::add ? quadrant(a, side, row, step) : quadrant(a, side, step, row);
            for (int column = 0; column < 2; ++column) {
                multiply<Form>(quadrant(c, side, row, column), left,
                               quadrant(b, side, step, column), side / 2);
            }
        }
    }
}

} // namespace bench::tiles
