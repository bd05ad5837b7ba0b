// SPDX-License-Identifier: Apache-2.0
#include "harness/harness.hpp"

#include "harness/spin.hpp"
#include "kernels/tiles/parallel.hpp"
#include "kernels/tiles/tiles.hpp"

#include <cmath>
#include <cstdint>
#include <memory>

namespace {

using bench::runtime::invoke;
using bench::tiles::form;
using bench::tiles::position;
using bench::tiles::quadrant;
using bench::tiles::tile;

/// Products of smaller sides are made serially.
constexpr long leaf = 64;

/// c -= a^T b.
void subtract_product(double* c, const double* a, const double* b, long side) {
    bench::tiles::multiply_in_parallel<form::subtract_transposed, leaf>(c, a, b, side);
}

/// The upper triangle of c -= a^T a.
BENCH_RECURSIVE void subtract_square(double* c, const double* a, long side) {
    if (side == tile) {
        bench::tiles::multiply_tile<form::subtract_transposed>(c, a, a);
        return;
    }
    const auto triangle = [=](int which) {
        subtract_square(quadrant(c, side, which, which), quadrant(a, side, 0, which), side / 2);
        subtract_square(quadrant(c, side, which, which), quadrant(a, side, 1, which), side / 2);
    };
    const auto square = [=] {
        for (int step = 0; step < 2; ++step) {
            subtract_product(quadrant(c, side, 0, 1), quadrant(a, side, step, 0),
                             quadrant(a, side, step, 1), side / 2);
        }
    };
    invoke(square, [=] { invoke([=] { triangle(0); }, [=] { triangle(1); }); });
}

void solve_tile(const double* __restrict r, double* __restrict x) {
    for (long k = 0; k < tile; ++k) {
        const double scale = 1 / r[k * tile + k];
        for (long j = 0; j < tile; ++j) {
            x[k * tile + j] *= scale;
        }
        for (long i = k + 1; i < tile; ++i) {
            for (long j = 0; j < tile; ++j) {
                x[i * tile + j] -= r[k * tile + i] * x[k * tile + j];
            }
        }
    }
}

/// Replaces x by the solution of r^T y = x; of r, the upper triangle counts.
BENCH_RECURSIVE void solve(const double* r, double* x, long side) {
    if (side == tile) {
        solve_tile(r, x);
        return;
    }
    const auto columns = [=](int column) {
        double* const upper = quadrant(x, side, 0, column);
        double* const lower = quadrant(x, side, 1, column);
        solve(quadrant(r, side, 0, 0), upper, side / 2);
        subtract_product(lower, quadrant(r, side, 0, 1), upper, side / 2);
        solve(quadrant(r, side, 1, 1), lower, side / 2);
    };
    invoke([=] { columns(0); }, [=] { columns(1); });
}

void factor_tile(double* a) {
    for (long k = 0; k < tile; ++k) {
        const double root = std::sqrt(a[k * tile + k]);
        for (long j = k; j < tile; ++j) {
            a[k * tile + j] /= root;
        }
        for (long i = k + 1; i < tile; ++i) {
            const double scale = a[k * tile + i];
            for (long j = i; j < tile; ++j) {
                a[i * tile + j] -= scale * a[k * tile + j];
            }
        }
    }
}

/// Replaces the upper triangle of a by the r with r^T r = a.
BENCH_RECURSIVE void factor(double* a, long side) {
    if (side == tile) {
        factor_tile(a);
        return;
    }
    double* const right = quadrant(a, side, 0, 1);
    double* const rest = quadrant(a, side, 1, 1);
    factor(quadrant(a, side, 0, 0), side / 2);
    solve(quadrant(a, side, 0, 0), right, side / 2);
    subtract_square(rest, right, side / 2);
    factor(rest, side / 2);
}

/// The factor that is to be found: whole numbers from -4 to 4, and 16 on the diagonal. With these
/// every step of the algorithm is exact, in whatever order.
double expected_element(long row, long column) {
    if (row >= column) {
        return row == column ? 16 : 0;
    }
    const auto number = static_cast<std::uint64_t>((row << 20) + column);
    return static_cast<double>(bench::scatter(number) % 9) - 4;
}

struct matrices {
    explicit matrices(long n) : side(bench::tiles::whole_side(n)) {
        for (long row = 0; row < side; ++row) {
            for (long column = 0; column < side; ++column) {
                expected[position(row, column)] = expected_element(row, column);
            }
        }
        std::fill(input.get(), input.get() + side * side, 0.0);
        bench::tiles::multiply<form::subtract_transposed>(input.get(), expected.get(),
                                                          expected.get(), side);
        std::transform(input.get(), input.get() + side * side, input.get(),
                       [](double element) { return -element; });
        reset();
    }

    void reset() { std::copy(input.get(), input.get() + side * side, data.get()); }

    bool right() const {
        for (long row = 0; row < side; ++row) {
            for (long column = row; column < side; ++column) {
                if (data[position(row, column)] != expected[position(row, column)]) {
                    return false;
                }
            }
        }
        return true;
    }

    const long side;
    const bench::tiles::storage expected = bench::tiles::allocate(side * side);
    const bench::tiles::storage input = bench::tiles::allocate(side * side);
    const bench::tiles::storage data = bench::tiles::allocate(side * side);
};

bench::operation prepare(const bench::arguments& given) {
    const auto data = std::make_shared<matrices>(given.size);
    return {.run = [=] { factor(data->data.get(), data->side); },
            .check = [=] { return data->right(); },
            .reset = [=] { data->reset(); },
            .warm = [=] { solve(data->expected.get(), data->data.get(), 2 * tile); }};
}

} // namespace

int main(int argc, char** argv) {
    return bench::run_kernel("cholesky", bench::parse_arguments(argc, argv),
                             {{"recursive", 2048, prepare}});
}
