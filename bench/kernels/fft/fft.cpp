// SPDX-License-Identifier: Apache-2.0
#include "harness/harness.hpp"

#include "kernels/fft/signal.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numbers>
#include <vector>

namespace {

/// Parts of this length are transformed serially; they fit a second-level cache.
constexpr long leaf = 4096;

struct view {
    double* real;
    double* imaginary;

    view operator+(long offset) const { return {real + offset, imaginary + offset}; }
};

/// exp(-2 pi i p k / n), for the powers p of 1, 2 and 3 and k < n / 4: the factors of one pass.
struct factors {
    explicit factors(long n) : first(n / 4), second(n / 4), third(n / 4) {
        numbers* const powers[] = {&first, &second, &third};
        for (long k = 0; k < n / 4; ++k) {
            for (long power = 1; power <= 3; ++power) {
                const double angle =
                    -2 * std::numbers::pi * static_cast<double>(power * k) / static_cast<double>(n);
                powers[power - 1]->real[static_cast<std::size_t>(k)] = std::cos(angle);
                powers[power - 1]->imaginary[static_cast<std::size_t>(k)] = std::sin(angle);
            }
        }
    }

    numbers first;
    numbers second;
    numbers third;
};

/// Factors of all passes, by the logarithm of the length to the base of 4.
using tables = std::vector<factors>;

std::size_t level(long n) {
    return static_cast<std::size_t>(std::countr_zero(static_cast<unsigned long>(n)) / 2);
}

/// Steps [first, last) of the pass that turns a transform of length n into four of n / 4. Those of
/// the outputs 4k + 1 and 4k + 2 change places: so the last pass leaves the order of reversed bits.
void pass(view x, long n, const factors& w, long first, long last) {
    const long quarter = n / 4;
    double* __restrict real0 = x.real;
    double* __restrict real1 = x.real + quarter;
    double* __restrict real2 = x.real + 2 * quarter;
    double* __restrict real3 = x.real + 3 * quarter;
    double* __restrict imaginary0 = x.imaginary;
    double* __restrict imaginary1 = x.imaginary + quarter;
    double* __restrict imaginary2 = x.imaginary + 2 * quarter;
    double* __restrict imaginary3 = x.imaginary + 3 * quarter;
    const double* __restrict real_w1 = w.first.real.data();
    const double* __restrict real_w2 = w.second.real.data();
    const double* __restrict real_w3 = w.third.real.data();
    const double* __restrict imaginary_w1 = w.first.imaginary.data();
    const double* __restrict imaginary_w2 = w.second.imaginary.data();
    const double* __restrict imaginary_w3 = w.third.imaginary.data();
    for (long k = first; k < last; ++k) {
        const double real_even = real0[k] + real2[k];
        const double imaginary_even = imaginary0[k] + imaginary2[k];
        const double real_gap = real0[k] - real2[k];
        const double imaginary_gap = imaginary0[k] - imaginary2[k];
        const double real_odd = real1[k] + real3[k];
        const double imaginary_odd = imaginary1[k] + imaginary3[k];
        // The difference of the odd ones, times -i.
        const double real_turned = imaginary1[k] - imaginary3[k];
        const double imaginary_turned = real3[k] - real1[k];

        real0[k] = real_even + real_odd;
        imaginary0[k] = imaginary_even + imaginary_odd;
        const double real_a = real_even - real_odd;
        const double imaginary_a = imaginary_even - imaginary_odd;
        real1[k] = real_a * real_w2[k] - imaginary_a * imaginary_w2[k];
        imaginary1[k] = real_a * imaginary_w2[k] + imaginary_a * real_w2[k];
        const double real_b = real_gap + real_turned;
        const double imaginary_b = imaginary_gap + imaginary_turned;
        real2[k] = real_b * real_w1[k] - imaginary_b * imaginary_w1[k];
        imaginary2[k] = real_b * imaginary_w1[k] + imaginary_b * real_w1[k];
        const double real_c = real_gap - real_turned;
        const double imaginary_c = imaginary_gap - imaginary_turned;
        real3[k] = real_c * real_w3[k] - imaginary_c * imaginary_w3[k];
        imaginary3[k] = real_c * imaginary_w3[k] + imaginary_c * real_w3[k];
    }
}

/// Transforms x in place, into the order of reversed bits.
BENCH_RECURSIVE void transform(view x, long n, const tables& w) {
    const long quarter = n / 4;
    const factors& mine = w[level(n)];
    if (n <= leaf) {
        pass(x, n, mine, 0, quarter);
        if (quarter > 1) {
            for (int part = 0; part < 4; ++part) {
                transform(x + part * quarter, quarter, w);
            }
        }
        return;
    }
    bench::runtime::for_blocks(0L, quarter,
                               [&](long first, long last) { pass(x, n, mine, first, last); });
    const auto part = [=, &w](int index) { transform(x + index * quarter, quarter, w); };
    bench::runtime::invoke([=] { bench::runtime::invoke([=] { part(0); }, [=] { part(1); }); },
                           [=] { bench::runtime::invoke([=] { part(2); }, [=] { part(3); }); });
}

/// The lowest `count` bits of x, in reverse.
long reversed(long x, long count) {
    auto bits = static_cast<std::uint64_t>(x);
    const auto swap = [&](std::uint64_t mask, int shift) {
        bits = (bits >> shift & mask) | (bits & mask) << shift;
    };
    swap(0x5555555555555555, 1);
    swap(0x3333333333333333, 2);
    swap(0x0f0f0f0f0f0f0f0f, 4);
    swap(0x00ff00ff00ff00ff, 8);
    swap(0x0000ffff0000ffff, 16);
    swap(0x00000000ffffffff, 32);
    return static_cast<long>(bits >> (64 - count));
}

/// Copies all elements whose index has `middle` between its three highest and its three lowest bits
/// to the places of the reversed indices. They are eight runs on both sides, a cache line each.
void reorder(const double* __restrict from, double* __restrict to, long n, long middle) {
    constexpr long order[] = {0, 4, 2, 6, 1, 5, 3, 7};
    const long eighth = n / 8;
    const long target = reversed(middle * 8, std::countr_zero(static_cast<unsigned long>(n)));
    double block[64];
    for (long high = 0; high < 8; ++high) {
        for (long low = 0; low < 8; ++low) {
            block[order[low] * 8 + order[high]] = from[high * eighth + middle * 8 + low];
        }
    }
    for (long high = 0; high < 8; ++high) {
        for (long low = 0; low < 8; ++low) {
            to[high * eighth + target + low] = block[high * 8 + low];
        }
    }
}

struct problem {
    explicit problem(long n) : given(n), data(n), result(n) {
        for (long length = 1; length <= n; length *= 4) {
            w.emplace_back(length);
        }
    }

    void reset() { data = given.input; }

    void run(long n) {
        transform({data.real.data(), data.imaginary.data()}, n, w);
        bench::runtime::for_each(0L, n / 64, [=, this](long middle) {
            reorder(data.real.data(), result.real.data(), n, middle);
            reorder(data.imaginary.data(), result.imaginary.data(), n, middle);
        });
    }

    signal given;
    numbers data;
    numbers result;
    tables w;
};

bench::operation prepare(const bench::arguments& given) {
    long n = 64;
    while (n < given.size) {
        n *= 4;
    }
    const auto data = std::make_shared<problem>(n);
    return {.run = [=] { data->run(n); },
            .check = [=] { return data->given.transformed(data->result); },
            .reset = [=] { data->reset(); },
            .warm = [=] { data->run(std::min(n, 4 * leaf)); }};
}

} // namespace

int main(int argc, char** argv) {
    return bench::run_kernel("fft", bench::parse_arguments(argc, argv),
                             {{"radix_4", 1L << 22, prepare}});
}
