// SPDX-License-Identifier: Apache-2.0
#include "harness/harness.hpp"

#include "harness/spin.hpp"

#include <cstdint>
#include <memory>
#include <numeric>
#include <vector>

namespace {

/// Loops whose elements cost very different amounts, by a table of steps made beforehand and
/// scaled to the same total.
using costs = std::vector<long>;

/// Later elements cost more.
double triangle(long i, long n) { return static_cast<double>(i) / static_cast<double>(n); }
/// One element in a thousand, anywhere, costs as much as all others of its thousand.
double spikes(long i, long /*n*/) {
    return bench::scatter(static_cast<std::uint64_t>(i)) % 1000 == 0 ? 1000.0 : 1.0;
}
/// The first elements are the heavy ones: cost falls with the rank.
double ranked(long i, long /*n*/) { return 1.0 / static_cast<double>(i + 50); }
/// All the cost lies in one sixteenth of the range.
double cluster(long i, long n) { return i / (n / 16) == 9 ? 100.0 : 1.0; }

constexpr double total_us = 200'000;

costs make_costs(double (*shape)(long, long), long n, double unit) {
    std::vector<double> weights(static_cast<std::size_t>(n));
    for (long i = 0; i < n; ++i) {
        weights[static_cast<std::size_t>(i)] = shape(i, n);
    }
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    costs steps;
    for (const double weight : weights) {
        steps.push_back(static_cast<long>(weight / sum * total_us * unit) + 1);
    }
    return steps;
}

bench::operation prepare(double (*shape)(long, long), const bench::arguments& given) {
    const double unit = given.unit > 0 ? given.unit : bench::steps_per_microsecond();
    const auto steps = std::make_shared<costs>(make_costs(shape, given.size, unit));
    const auto results = std::make_shared<std::vector<std::uint64_t>>(steps->size());
    const auto expected = std::make_shared<std::vector<std::uint64_t>>(steps->size());
    for (std::size_t i = 0; i < steps->size(); ++i) {
        (*expected)[i] = bench::spin_steps(i, (*steps)[i]);
    }
    const auto loop = [=](std::size_t count) {
        const costs& cost = *steps;
        std::vector<std::uint64_t>& result = *results;
        bench::runtime::for_each(std::size_t{0}, count,
                                 [&](std::size_t i) { result[i] = bench::spin_steps(i, cost[i]); });
    };
    return {.run = [=] { loop(steps->size()); },
            .check = [=] { return *results == *expected; },
            .reset = [=] { results->assign(steps->size(), 0); },
            .warm = [=] { loop(16); }};
}

bench::variant shaped(const char* name, long size, double (*shape)(long, long)) {
    return {name, size, [=](const bench::arguments& given) { return prepare(shape, given); }};
}

} // namespace

int main(int argc, char** argv) {
    return bench::run_kernel("uneven", bench::parse_arguments(argc, argv),
                             {shaped("triangle", 100'000, triangle),
                              shaped("spikes", 1'000'000, spikes), shaped("ranked", 10'000, ranked),
                              shaped("cluster", 100'000, cluster)});
}
