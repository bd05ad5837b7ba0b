// SPDX-License-Identifier: Apache-2.0
#include "harness/harness.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <vector>

namespace {

constexpr std::uint16_t most_steps = 1000;
constexpr double side = 2.5;     ///< of the square that holds the set, whose real parts
constexpr double leftmost = -2;  ///< begin here and whose imaginary parts are centred
constexpr double area = 1.50659; ///< of the set, as published

/// Steps until z^2 + c leaves the circle of radius 2, or most_steps. Never inlined: a compiler may
/// fuse multiplications with additions, and is to do it in the same way for all who call.
[[gnu::noinline]] std::uint16_t steps_to_leave(double real, double imaginary) {
    double x = 0;
    double y = 0;
    for (std::uint16_t step = 0; step < most_steps; ++step) {
        const double xx = x * x;
        const double yy = y * y;
        if (xx + yy > 4) {
            return step;
        }
        y = 2 * x * y + imaginary;
        x = xx - yy + real;
    }
    return most_steps;
}

/// The set on its side, so that its halves do not cost the same: a row has one real part.
struct picture {
    long n;
    std::vector<std::uint16_t> steps = std::vector<std::uint16_t>(static_cast<std::size_t>(n * n));

    /// Points with opposite signs of the imaginary part have opposite columns, bit by bit.
    [[nodiscard]] std::uint16_t point(long row, long column) const {
        const double pitch = side / static_cast<double>(n);
        return steps_to_leave(leftmost + (static_cast<double>(row) + 0.5) * pitch,
                              static_cast<double>(2 * column + 1 - n) * pitch / 2);
    }
    std::uint16_t* row(long index) { return steps.data() + index * n; }
};

void draw(picture& drawn, long rows) {
    bench::runtime::for_each(0L, rows, [&](long row) {
        std::uint16_t* const to = drawn.row(row);
        for (long column = 0; column < drawn.n; ++column) {
            to[column] = drawn.point(row, column);
        }
    });
}

/// One half, and the other as its mirror image.
void draw_by_symmetry(picture& drawn) {
    for (long row = 0; row < drawn.n; ++row) {
        std::uint16_t* const to = drawn.row(row);
        for (long column = 0; 2 * column < drawn.n; ++column) {
            to[column] = drawn.point(row, column);
            to[drawn.n - 1 - column] = to[column];
        }
    }
}

/// Points near the border have not left yet, and pixels are coarse; both shrink with n.
bool area_is_right(const picture& drawn) {
    const auto inside = std::count(drawn.steps.begin(), drawn.steps.end(), most_steps);
    const double pitch = side / static_cast<double>(drawn.n);
    const double measured = static_cast<double>(inside) * pitch * pitch;
    return std::abs(measured - area) < 0.01 + 2 * pitch;
}

bench::operation prepare(const bench::arguments& given) {
    const auto drawn = std::make_shared<picture>(given.size);
    const auto expected = std::make_shared<picture>(given.size);
    draw_by_symmetry(*expected);
    const bool right = area_is_right(*expected);
    return {.run = [=] { draw(*drawn, drawn->n); },
            .check = [=] { return right && drawn->steps == expected->steps; },
            .reset = [=] { std::fill(drawn->steps.begin(), drawn->steps.end(), 0); },
            .warm = [=] { draw(*drawn, std::min(drawn->n, 8L)); }};
}

} // namespace

int main(int argc, char** argv) {
    return bench::run_kernel("mandelbrot", bench::parse_arguments(argc, argv),
                             {{"rows", 600, prepare}});
}
