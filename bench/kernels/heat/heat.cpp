// SPDX-License-Identifier: Apache-2.0
#include "harness/harness.hpp"

#include <cmath>
#include <cstddef>
#include <memory>
#include <numbers>
#include <utility>
#include <vector>

namespace {

constexpr long steps = 100;

/// Row `row` of the next state: every point becomes the mean of its four neighbours.
void relax(const double* __restrict from, double* __restrict to, long row, long width) {
    const double* const above = from + (row - 1) * width;
    const double* const here = from + row * width;
    const double* const below = from + (row + 1) * width;
    double* const next = to + row * width;
    for (long column = 1; column < width - 1; ++column) {
        next[column] =
            0.25 * (above[column] + below[column] + (here[column - 1] + here[column + 1]));
    }
}

/// A square of n by n points with a border of zeros around it.
class plate {
public:
    explicit plate(long n) : width_(n + 2), start_(area(), 0.0), state_(start_), other_(start_) {
        shapes_[0] = wave(1);
        shapes_[1] = wave(n / 2);
        start_ = after(0);
        reset();
    }

    void reset() { state_ = start_; }

    void run(long count) {
        double* from = state_.data();
        double* to = other_.data();
        for (long step = 0; step < count; ++step) {
            bench::runtime::for_each(1L, width_ - 1,
                                     [=, this](long row) { relax(from, to, row, width_); });
            std::swap(from, to);
        }
    }

    bool right() const {
        const std::vector<double> expected = after(steps);
        for (std::size_t i = 0; i < expected.size(); ++i) {
            if (!(std::abs(state_[i] - expected[i]) < 1e-12)) {
                return false;
            }
        }
        return true;
    }

private:
    std::size_t area() const { return static_cast<std::size_t>(width_ * width_); }

    /// A wave with `halves` half periods, zero on both borders, and its decay.
    struct shape {
        std::vector<double> values;
        double decay;
    };

    shape wave(long halves) const {
        const double angle =
            std::numbers::pi * static_cast<double>(halves) / static_cast<double>(width_ - 1);
        shape made{{}, std::cos(angle)};
        for (long i = 0; i < width_; ++i) {
            made.values.push_back(std::sin(angle * static_cast<double>(i)));
        }
        return made;
    }

    /// The state after a number of steps. Products of waves along and across are eigenfunctions:
    /// a step multiplies each by the mean of its two decays.
    std::vector<double> after(long count) const {
        std::vector<double> state(area(), 0.0);
        for (const auto& [along, across] : {std::pair(0, 0), std::pair(0, 1), std::pair(1, 0)}) {
            const shape& rows = shapes_[along];
            const shape& columns = shapes_[across];
            const double left =
                std::pow((rows.decay + columns.decay) / 2, static_cast<double>(count));
            for (long row = 1; row < width_ - 1; ++row) {
                const double factor = left * rows.values[static_cast<std::size_t>(row)];
                for (long column = 1; column < width_ - 1; ++column) {
                    state[static_cast<std::size_t>(row * width_ + column)] +=
                        factor * columns.values[static_cast<std::size_t>(column)];
                }
            }
        }
        return state;
    }

    const long width_;
    shape shapes_[2];
    std::vector<double> start_;
    std::vector<double> state_;
    std::vector<double> other_;
};

bench::operation prepare(const bench::arguments& given) {
    const auto data = std::make_shared<plate>(given.size);
    return {.run = [=] { data->run(steps); },
            .check = [=] { return data->right(); },
            .reset = [=] { data->reset(); },
            .warm = [=] { data->run(2); }};
}

} // namespace

int main(int argc, char** argv) {
    return bench::run_kernel("heat", bench::parse_arguments(argc, argv),
                             {{"jacobi", 1024, prepare}});
}
