// SPDX-License-Identifier: Apache-2.0
#include "harness/harness.hpp"

#include "harness/spin.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace {

using value = std::uint32_t;

value median(value a, value b, value c) {
    return std::max(std::min(a, b), std::min(std::max(a, b), c));
}

/// Hoare's partition: nothing before the place returned is larger than anything from there on. Both
/// sides have elements, because besides the pivot another of the three is at least as large.
value* partition(value* first, value* last) {
    const value pivot = median(*first, first[(last - first) / 2], last[-1]);
    for (;; ++first) {
        while (*first < pivot) {
            ++first;
        }
        --last;
        while (pivot < *last) {
            --last;
        }
        if (first >= last) {
            return last + 1;
        }
        std::swap(*first, *last);
    }
}

template <long Base>
BENCH_RECURSIVE void quicksort(value* first, value* last) {
    if (last - first <= Base) {
        std::sort(first, last);
        return;
    }
    value* const middle = partition(first, last);
    bench::runtime::invoke([=] { quicksort<Base>(first, middle); },
                           [=] { quicksort<Base>(middle, last); });
}

template <long Base>
bench::operation prepare(const bench::arguments& given) {
    const auto input = std::make_shared<std::vector<value>>();
    for (long i = 0; i < given.size; ++i) {
        input->push_back(static_cast<value>(bench::scatter(static_cast<std::uint64_t>(i))));
    }
    const auto expected = std::make_shared<std::vector<value>>(*input);
    std::sort(expected->begin(), expected->end());
    const auto data = std::make_shared<std::vector<value>>(*input);
    const auto sort = [=](long count) { quicksort<Base>(data->data(), data->data() + count); };
    return {.run = [=] { sort(given.size); },
            .check = [=] { return *data == *expected; },
            .reset = [=] { *data = *input; },
            .warm = [=] { sort(std::min(given.size, 10'000L)); }};
}

} // namespace

int main(int argc, char** argv) {
    return bench::run_kernel(
        "quicksort", bench::parse_arguments(argc, argv),
        {{"coarse", 4'000'000, prepare<1024>}, {"fine", 4'000'000, prepare<32>}});
}
