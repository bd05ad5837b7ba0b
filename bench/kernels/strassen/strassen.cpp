// SPDX-License-Identifier: Apache-2.0
#include "harness/harness.hpp"

#include "kernels/strassen/buffers.hpp"
#include "kernels/tiles/product.hpp"

#include <memory>

namespace {

using bench::tiles::quadrant;

/// Sides from here on are multiplied by the definition.
constexpr long leaf = 64;

/// Quadrants, or other matrices of their size, by number.
using quarters = double* const (&)[4];
using factors = const double* const (&)[4];

/// The sums that the left factor takes part with, for elements [first, last) of its quadrants.
void left_sums(factors a, quarters s, long first, long last) {
    const double* __restrict a11 = a[0];
    const double* __restrict a12 = a[1];
    const double* __restrict a21 = a[2];
    const double* __restrict a22 = a[3];
    double* __restrict s1 = s[0];
    double* __restrict s2 = s[1];
    double* __restrict s3 = s[2];
    double* __restrict s4 = s[3];
    for (long i = first; i < last; ++i) {
        s1[i] = a21[i] + a22[i];
        s2[i] = a21[i] + a22[i] - a11[i];
        s3[i] = a11[i] - a21[i];
        s4[i] = a12[i] - (a21[i] + a22[i] - a11[i]);
    }
}

/// The same for the right factor.
void right_sums(factors b, quarters t, long first, long last) {
    const double* __restrict b11 = b[0];
    const double* __restrict b12 = b[1];
    const double* __restrict b21 = b[2];
    const double* __restrict b22 = b[3];
    double* __restrict t1 = t[0];
    double* __restrict t2 = t[1];
    double* __restrict t3 = t[2];
    double* __restrict t4 = t[3];
    for (long i = first; i < last; ++i) {
        t1[i] = b12[i] - b11[i];
        t2[i] = b22[i] - (b12[i] - b11[i]);
        t3[i] = b22[i] - b12[i];
        t4[i] = b22[i] - (b12[i] - b11[i]) - b21[i];
    }
}

/// Makes the quadrants of the product from seven products, four of which are in its place.
void combine(quarters c, double* const (&p)[3], long first, long last) {
    double* __restrict c11 = c[0];      // a11 b11
    double* __restrict c12 = c[1];      // s2 t2
    double* __restrict c21 = c[2];      // a22 t4
    double* __restrict c22 = c[3];      // s1 t1
    const double* __restrict p1 = p[0]; // a12 b21
    const double* __restrict p2 = p[1]; // s4 b22
    const double* __restrict p3 = p[2]; // s3 t3
    for (long i = first; i < last; ++i) {
        const double u2 = c11[i] + c12[i];
        const double u3 = u2 + p3[i];
        const double fifth = c22[i];
        c11[i] += p1[i];
        c12[i] = u2 + fifth + p2[i];
        c21[i] = u3 - c21[i];
        c22[i] = u3 + fifth;
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
    bench::runtime::group products;
    const auto start = [&](double* to, const double* left, const double* right) {
        products.run([=, &memory] { multiply(to, left, right, half, memory); });
    };
    start(c_parts[0], a_parts[0], b_parts[0]);
    start(c_parts[1], s[1], t[1]);
    start(c_parts[2], a_parts[3], t[3]);
    start(c_parts[3], s[0], t[0]);
    start(p[0], a_parts[1], b_parts[2]);
    start(p[1], s[3], b_parts[3]);
    start(p[2], s[2], t[2]);
    products.wait();
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
