// SPDX-License-Identifier: Apache-2.0
#include "harness/harness.hpp"

#include "harness/independent.hpp"
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
[[gnu::noinline]] void pass(view x, long n, const factors& w, long first, long last) {
    const view x0 = x;
    const view x1 = x + n / 4;
    const view x2 = x + n / 2;
    const view x3 = x + 3 * (n / 4);
    const double* const w1_real = w.first.real.data();
    const double* const w1_imaginary = w.first.imaginary.data();
    const double* const w2_real = w.second.real.data();
    const double* const w2_imaginary = w.second.imaginary.data();
    const double* const w3_real = w.third.real.data();
    const double* const w3_imaginary = w.third.imaginary.data();
    BENCH_INDEPENDENT
    for (long k = first; k < last; ++k) {
        const double even_real = x0.real[k] + x2.real[k];
        const double even_imaginary = x0.imaginary[k] + x2.imaginary[k];
        const double odd_real = x1.real[k] + x3.real[k];
        const double odd_imaginary = x1.imaginary[k] + x3.imaginary[k];
        const double a_real = even_real - odd_real;
        const double a_imaginary = even_imaginary - odd_imaginary;

        const double gap_real = x0.real[k] - x2.real[k];
        const double gap_imaginary = x0.imaginary[k] - x2.imaginary[k];
        // The difference of the odd ones, times -i.
        const double turned_real = x1.imaginary[k] - x3.imaginary[k];
        const double turned_imaginary = x3.real[k] - x1.real[k];
        const double b_real = gap_real + turned_real;
        const double b_imaginary = gap_imaginary + turned_imaginary;
        const double c_real = gap_real - turned_real;
        const double c_imaginary = gap_imaginary - turned_imaginary;

        x0.real[k] = even_real + odd_real;
        x0.imaginary[k] = even_imaginary + odd_imaginary;
        x1.real[k] = a_real * w2_real[k] - a_imaginary * w2_imaginary[k];
        x1.imaginary[k] = a_real * w2_imaginary[k] + a_imaginary * w2_real[k];
        x2.real[k] = b_real * w1_real[k] - b_imaginary * w1_imaginary[k];
        x2.imaginary[k] = b_real * w1_imaginary[k] + b_imaginary * w1_real[k];
        x3.real[k] = c_real * w3_real[k] - c_imaginary * w3_imaginary[k];
        x3.imaginary[k] = c_real * w3_imaginary[k] + c_imaginary * w3_real[k];
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

/// The bits of an index below n, in reverse.
long reversed(long x, long n) {
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
    return static_cast<long>(bits >> (64 - std::countr_zero(static_cast<unsigned long>(n))));
}

/// Elements of a run that is copied at a time: long enough that a page, once found, gives several
/// cache lines.
constexpr long edge = 32;

/// Copies all elements whose index has `middle` between its highest and its lowest bits to the
/// places of the reversed indices. On both sides they are as many runs of whole cache lines as a
/// run has elements.
void reorder(const double* __restrict from, double* __restrict to, long n, long middle) {
    const long between = n / edge;
    const long source = middle * edge;
    const long target = reversed(source, n);
    double block[edge][edge];
    for (long high = 0; high < edge; ++high) {
        const long column = reversed(high, edge);
        for (long low = 0; low < edge; ++low) {
            block[low][column] = from[high * between + source + low];
        }
    }
    for (long low = 0; low < edge; ++low) {
        double* const run = to + reversed(low, edge) * between + target;
        std::copy(block[low], block[low] + edge, run);
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
        bench::runtime::for_each(0L, n / (edge * edge), [=, this](long middle) {
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
    long n = edge * edge;
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
