// SPDX-License-Identifier: Apache-2.0
#include "compare/statistics.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>

namespace twill::tool {

namespace {

constexpr std::size_t resamples = 2000;
constexpr std::uint64_t seed = 20240229;
constexpr double tail = 0.025;

std::vector<double> resample(const std::vector<double>& from, std::mt19937_64& engine) {
    std::vector<double> drawn(from.size());
    for (double& one : drawn) {
        // The few values make the bias of the remainder less than 1e-15; the distributions of the
        // standard library would draw other numbers elsewhere.
        one = from[engine() % from.size()];
    }
    return drawn;
}

} // namespace

double median(std::vector<double> values) {
    if (values.empty()) {
        return 0;
    }
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

std::optional<interval> bootstrap_ratio(const std::vector<double>& before,
                                        const std::vector<double>& after) {
    if (before.size() < 2 || after.size() < 2) {
        return std::nullopt;
    }
    // NOLINTNEXTLINE(bugprone-random-generator-seed,cert-msc51-cpp): the same every time
    std::mt19937_64 engine(seed);
    std::vector<double> ratios;
    ratios.reserve(resamples);
    for (std::size_t k = 0; k < resamples; ++k) {
        const double below = median(resample(before, engine));
        const double above = median(resample(after, engine));
        if (below <= 0) {
            return std::nullopt;
        }
        ratios.push_back(above / below);
    }
    std::sort(ratios.begin(), ratios.end());
    const auto cut = static_cast<std::size_t>(tail * static_cast<double>(resamples));
    return interval{ratios[cut], ratios[resamples - 1 - cut]};
}

} // namespace twill::tool
