// SPDX-License-Identifier: Apache-2.0
#include "harness/harness.hpp"

#include "harness/spin.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace {

/// A square matrix in compressed sparse rows. All values are small whole numbers, so that sums of
/// products are exact.
struct matrix {
    std::vector<std::size_t> offsets;
    std::vector<std::uint32_t> columns;
    std::vector<double> values;

    [[nodiscard]] std::size_t rows() const { return offsets.size() - 1; }
};

/// The share of rows longer than k falls like 1/k: a power law with exponent 2, as the degrees of
/// the web and of social networks have about.
constexpr double shortest_row = 2;
constexpr std::size_t rows_to_longest = 64;

std::uint64_t random_word(std::uint64_t i, std::uint64_t stream) {
    return bench::scatter(i ^ bench::scatter(stream + 1));
}

std::size_t row_length(std::size_t row, std::size_t longest) {
    const double draw = std::ldexp(static_cast<double>(random_word(row, 0) >> 11) + 1, -53);
    const double length = shortest_row / draw;
    return length < static_cast<double>(longest) ? static_cast<std::size_t>(length) : longest;
}

matrix make_matrix(std::size_t rows) {
    matrix made;
    const std::size_t longest = std::max<std::size_t>(rows / rows_to_longest, 2);
    made.offsets.push_back(0);
    for (std::size_t row = 0; row < rows; ++row) {
        made.offsets.push_back(made.offsets.back() + row_length(row, longest));
    }
    const std::size_t entries = made.offsets.back();
    made.columns.reserve(entries);
    made.values.reserve(entries);
    for (std::size_t i = 0; i < entries; ++i) {
        const std::uint64_t word = random_word(i, 1);
        made.columns.push_back(static_cast<std::uint32_t>((word >> 8) % rows));
        made.values.push_back(static_cast<double>(word % 16));
    }
    return made;
}

void multiply(const matrix& a, const double* x, double* y) {
    const std::size_t* const offsets = a.offsets.data();
    const std::uint32_t* const columns = a.columns.data();
    const double* const values = a.values.data();
    bench::runtime::for_each(std::size_t{0}, a.rows(), [=](std::size_t row) {
        double sum = 0;
        const std::size_t end = offsets[row + 1];
        for (std::size_t i = offsets[row]; i < end; ++i) {
            sum += values[i] * x[columns[i]];
        }
        y[row] = sum;
    });
}

/// For a vector w that the multiplication does not know, w (A x) = (w A) x: Freivalds,
/// "Probabilistic machines can use less running time", IFIP 1977. Here modulo 2^64 with odd w, so
/// that a single wrong element is always found.
std::uint64_t weight(std::size_t row) { return random_word(row, 2) | 1; }

std::uint64_t expected_sum(const matrix& a, const std::vector<double>& x) {
    std::vector<std::uint64_t> by_column(a.rows());
    for (std::size_t row = 0; row < a.rows(); ++row) {
        for (std::size_t i = a.offsets[row]; i < a.offsets[row + 1]; ++i) {
            by_column[a.columns[i]] += weight(row) * static_cast<std::uint64_t>(a.values[i]);
        }
    }
    std::uint64_t sum = 0;
    for (std::size_t column = 0; column < x.size(); ++column) {
        sum += by_column[column] * static_cast<std::uint64_t>(x[column]);
    }
    return sum;
}

std::uint64_t weighted_sum(const std::vector<double>& y) {
    std::uint64_t sum = 0;
    for (std::size_t row = 0; row < y.size(); ++row) {
        sum += weight(row) * static_cast<std::uint64_t>(y[row]);
    }
    return sum;
}

bench::operation prepare(const bench::arguments& given) {
    const auto rows = static_cast<std::size_t>(given.size);
    const auto a = std::make_shared<matrix>(make_matrix(rows));
    const auto x = std::make_shared<std::vector<double>>();
    for (std::size_t i = 0; i < rows; ++i) {
        x->push_back(static_cast<double>(random_word(i, 3) % 16));
    }
    const auto y = std::make_shared<std::vector<double>>(rows);
    const std::uint64_t expected = expected_sum(*a, *x);
    const auto run = [=] { multiply(*a, x->data(), y->data()); };
    return {.run = run,
            .check = [=] { return weighted_sum(*y) == expected; },
            .reset = [=] { y->assign(rows, 0); },
            .warm = run};
}

} // namespace

int main(int argc, char** argv) {
    return bench::run_kernel("spmv", bench::parse_arguments(argc, argv),
                             {{"power_law", 2'000'000, prepare}});
}
