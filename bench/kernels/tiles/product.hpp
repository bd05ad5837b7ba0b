// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/spin.hpp"
#include "kernels/tiles/tiles.hpp"

#include <cstdint>
#include <vector>

namespace bench::tiles {

/// Two matrices of small whole numbers and room for their product: all arithmetic on them is exact,
/// in whatever order, and the product is checked as Freivalds does, c x against a (b x) for
/// random x. An x of whole numbers below 2^20 misses a wrong product once in 2^20 times.
class product {
public:
    explicit product(long n) : side(whole_side(n)) {
        for (long i = 0; i < side * side; ++i) {
            a.get()[i] = small(2 * i);
            b.get()[i] = small(2 * i + 1);
        }
        for (long probe = 0; probe < 2; ++probe) {
            for (long i = 0; i < side; ++i) {
                const auto number = static_cast<std::uint64_t>(probe * side + i);
                x_[probe].push_back(static_cast<double>(scatter(~number) >> 44));
            }
            expected_[probe] = apply(a.get(), apply(b.get(), x_[probe]));
        }
        clear();
    }

    void clear() { std::fill(c.get(), c.get() + side * side, 0.0); }

    bool right() const {
        return apply(c.get(), x_[0]) == expected_[0] && apply(c.get(), x_[1]) == expected_[1];
    }

    const long side;
    const storage a = allocate(side * side);
    const storage b = allocate(side * side);
    const storage c = allocate(side * side);

private:
    /// From -8 to 8.
    static double small(long i) {
        return static_cast<double>(scatter(static_cast<std::uint64_t>(i)) % 17) - 8;
    }

    std::vector<double> apply(const double* matrix, const std::vector<double>& x) const {
        std::vector<double> y(x.size());
        for (long row = 0; row < side; ++row) {
            for (long column = 0; column < side; column += tile) {
                const double* const part = matrix + position(row, column);
                for (long j = 0; j < tile; ++j) {
                    y[static_cast<std::size_t>(row)] +=
                        part[j] * x[static_cast<std::size_t>(column + j)];
                }
            }
        }
        return y;
    }

    std::vector<double> x_[2];
    std::vector<double> expected_[2];
};

} // namespace bench::tiles
