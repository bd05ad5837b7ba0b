// SPDX-License-Identifier: Apache-2.0
#include "harness/harness.hpp"

#include <cmath>
#include <memory>

namespace {

/// Far above the rounding of an area, which is 1e-10 at x = 2000.
constexpr double tolerance = 1e-9;

double curve(double x) { return (x * x + 1.0) * x; }

/// The area under the curve from x1 to x2, where it has the values y1 and y2; `area` is that of the
/// trapezoid, good enough where two of half the width make no difference.
BENCH_RECURSIVE double integrate(double x1, double y1, double x2, double y2, double area) {
    const double half = (x2 - x1) / 2;
    const double x0 = x1 + half;
    const double y0 = curve(x0);
    const double area1 = (y1 + y0) / 2 * half;
    const double area2 = (y0 + y2) / 2 * half;
    if (std::abs(area1 + area2 - area) < tolerance) {
        return area1 + area2;
    }
    auto [a, b] = bench::runtime::invoke([=] { return integrate(x1, y1, x0, y0, area1); },
                                         [=] { return integrate(x0, y0, x2, y2, area2); });
    return a + b;
}

double integrate_to(double end) { return integrate(0, curve(0), end, curve(end), 0); }

bench::operation prepare(const bench::arguments& given) {
    const auto end = static_cast<double>(given.size);
    const double exact = end * end * end * end / 4 + end * end / 2;
    const auto result = std::make_shared<double>(-1);
    // The bound is less than any piece from x = 1 on contributes.
    return {.run = [=] { *result = integrate_to(end); },
            .check = [=] { return std::abs(*result - exact) < 1e-12 * exact; },
            .reset = [=] { *result = -1; },
            .warm = [=] { *result = integrate_to(10); }};
}

} // namespace

int main(int argc, char** argv) {
    return bench::run_kernel("integrate", bench::parse_arguments(argc, argv),
                             {{"value", 2000, prepare}});
}
