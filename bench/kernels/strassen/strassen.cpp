// SPDX-License-Identifier: Apache-2.0
#include "harness/harness.hpp"

#include "harness/independent.hpp"
#include "kernels/strassen/buffers.hpp"
#include "kernels/tiles/product.hpp"

#include <memory>

namespace {

using bench::tiles::quadrant;

/// Sides from here on are multiplied by the definition.
constexpr long leaf = 64;

/// Quadrants, or other matrices of their size.
using factors = const double* const (&)[4];
using sums = double* const (&)[4];
using products = double* const (&)[3];

/// The sums that the left factor takes part with, for elements [first, last) of its quadrants.
void left_sums(factors a, sums s, long first, long last) {
    BENCH_INDEPENDENT
    for (long i = first; i < last; ++i) {
        const double lower = a[2][i] + a[3][i];
        const double all = lower - a[0][i];
        s[0][i] = lower;
        s[1][i] = all;
        s[2][i] = a[0][i] - a[2][i];
        s[3][i] = a[1][i] - all;
    }
}

/// The same for the right factor.
void right_sums(factors b, sums t, long first, long last) {
    BENCH_INDEPENDENT
    for (long i = first; i < last; ++i) {
        const double upper = b[1][i] - b[0][i];
        const double all = b[3][i] - upper;
        t[0][i] = upper;
        t[1][i] = all;
        t[2][i] = b[3][i] - b[1][i];
        t[3][i] = all - b[2][i];
    }
}

/// Makes the quadrants of c from seven products, four of which are in their place:
/// a11 b11, s2 t2, a22 t4 and s1 t1; the others are a12 b21, s4 b22 and s3 t3.
void combine(sums c, products p, long first, long last) {
    BENCH_INDEPENDENT
    for (long i = first; i < last; ++i) {
        const double common = c[0][i] + c[1][i];
        const double left = common + p[2][i];
        const double right = c[3][i];
        c[0][i] += p[0][i];
        c[1][i] = common + right + p[1][i];
        c[2][i] = left - c[2][i];
        c[3][i] = left + right;
    }
}

/// c = a b by the seven products of Strassen, with the fifteen sums of Winograd.
BENCH_RECURSIVE void multiply(double* c, const double* a, const double* b, long side,
                              buffers& memory) {
    if (side <= leaf) {
        std::fill(c, c + side * side, 0.0);
        bench::tiles::multiply<bench::tiles::form::add>(c, a, b, side);
        return;
    }
    const long half = side / 2;
    const buffers::frame frame(memory, side);
    const double* const a_parts[4] = {quadrant(a, side, 0, 0), quadrant(a, side, 0, 1),
                                      quadrant(a, side, 1, 0), quadrant(a, side, 1, 1)};
    const double* const b_parts[4] = {quadrant(b, side, 0, 0), quadrant(b, side, 0, 1),
                                      quadrant(b, side, 1, 0), quadrant(b, side, 1, 1)};
    double* const c_parts[4] = {quadrant(c, side, 0, 0), quadrant(c, side, 0, 1),
                                quadrant(c, side, 1, 0), quadrant(c, side, 1, 1)};
    double* const s[4] = {frame.part(0), frame.part(1), frame.part(2), frame.part(3)};
    double* const t[4] = {frame.part(4), frame.part(5), frame.part(6), frame.part(7)};
    double* const p[3] = {frame.part(8), frame.part(9), frame.part(10)};

    bench::runtime::for_blocks(0L, half * half, [&](long first, long last) {
        left_sums(a_parts, s, first, last);
        right_sums(b_parts, t, first, last);
    });
    bench::runtime::group tasks;
    const auto start = [&](double* to, const double* left, const double* right) {
        tasks.run([=, &memory] { multiply(to, left, right, half, memory); });
    };
    start(c_parts[0], a_parts[0], b_parts[0]);
    start(c_parts[1], s[1], t[1]);
    start(c_parts[2], a_parts[3], t[3]);
    start(c_parts[3], s[0], t[0]);
    start(p[0], a_parts[1], b_parts[2]);
    start(p[1], s[3], b_parts[3]);
    start(p[2], s[2], t[2]);
    tasks.wait();
    bench::runtime::for_blocks(0L, half * half,
                               [&](long first, long last) { combine(c_parts, p, first, last); });
}

bench::operation prepare(const bench::arguments& given) {
    const auto data = std::make_shared<bench::tiles::product>(given.size);
    const auto memory = std::make_shared<buffers>(11);
    const auto run = [=](long side) {
        multiply(data->c.get(), data->a.get(), data->b.get(), side, *memory);
    };
    return {.run = [=] { run(data->side); },
            .check = [=] { return data->right(); },
            .reset = [=] { data->clear(); },
            .warm = [=] { run(std::min(data->side, 4 * leaf)); }};
}

} // namespace

int main(int argc, char** argv) {
    return bench::run_kernel("strassen", bench::parse_arguments(argc, argv),
                             {{"winograd", 1024, prepare}});
}
