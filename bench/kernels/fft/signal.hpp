// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/spin.hpp"

#include <array>
#include <cmath>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <vector>

/// n complex numbers, their real and imaginary parts apart: loops over them are made of vectors.
struct numbers {
    explicit numbers(long n)
        : real(static_cast<std::size_t>(n)), imaginary(static_cast<std::size_t>(n)) {}

    std::vector<double> real;
    std::vector<double> imaginary;
};

/// A random signal of n numbers and what is known of its transform X: for a root r of r^n = -1, the
/// sum of X_k r^k is that of x_j (1 - r^n) / (1 - r w^j), with w = exp(-2 pi i / n), by the
/// geometric series. The sum takes in every X_k with a weight of its own.
class signal {
public:
    explicit signal(long n) : input(n), n_(n) {
        for (long j = 0; j < n; ++j) {
            input.real[static_cast<std::size_t>(j)] = random(2 * j);
            input.imaginary[static_cast<std::size_t>(j)] = random(2 * j + 1);
        }
        for (std::size_t probe = 0; probe < probes_.size(); ++probe) {
            probes_[probe] = 2 * (n / 3 + static_cast<long>(probe) * n / 5) + 1;
            expected_[probe] = predict(probes_[probe]);
        }
    }

    /// Is this the transform, in order?
    bool transformed(const numbers& x) const {
        const double bound = 1e-10 * static_cast<double>(n_);
        for (std::size_t probe = 0; probe < probes_.size(); ++probe) {
            if (!(std::abs(evaluate(x, probes_[probe]) - expected_[probe]) < bound)) {
                return false;
            }
        }
        return true;
    }

    numbers input;

private:
    /// From -1 to 1.
    static double random(long i) {
        return static_cast<double>(bench::scatter(static_cast<std::uint64_t>(i)) >> 11) * 0x1p-52 -
               1;
    }

    /// exp(pi i turns / n) is the root; half the angle of r w^j is `half`, and the weight of x_j is
    /// 2 / (1 - r w^j) = 1 + i cot(half).
    std::complex<double> predict(long turns) const {
        std::complex<double> sum = 0;
        for (long j = 0; j < n_; ++j) {
            const double half =
                std::numbers::pi * static_cast<double>(turns - 2 * j) / static_cast<double>(2 * n_);
            sum += at(input, j) * std::complex<double>(1, std::cos(half) / std::sin(half));
        }
        return sum;
    }

    /// The polynomial with coefficients x at the root. Powers come from products of at most a
    /// block's length, so that they stay exact.
    std::complex<double> evaluate(const numbers& x, long turns) const {
        constexpr long block = 64;
        const double angle =
            std::numbers::pi * static_cast<double>(turns) / static_cast<double>(n_);
        const std::complex<double> root = std::polar(1.0, angle);
        std::complex<double> sum = 0;
        for (long first = 0; first < n_; first += block) {
            // Whole turns are taken off as integers.
            const long position = turns * first % (2 * n_);
            std::complex<double> power = std::polar(
                1.0, std::numbers::pi * static_cast<double>(position) / static_cast<double>(n_));
            for (long k = first; k < first + block && k < n_; ++k) {
                sum += at(x, k) * power;
                power *= root;
            }
        }
        return sum;
    }

    static std::complex<double> at(const numbers& x, long i) {
        return {x.real[static_cast<std::size_t>(i)], x.imaginary[static_cast<std::size_t>(i)]};
    }

    const long n_;
    std::array<long, 2> probes_;
    std::array<std::complex<double>, 2> expected_;
};
