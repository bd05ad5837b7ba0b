// SPDX-License-Identifier: Apache-2.0
#include "kernels/sorting/sorting.hpp"

#include <algorithm>
#include <utility>

namespace {

using bench::sorting::value;

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
    return bench::sorting::prepare(
        given, 10'000, [](value* first, long count) { quicksort<Base>(first, first + count); });
}

} // namespace

int main(int argc, char** argv) {
    return bench::run_kernel(
        "quicksort", bench::parse_arguments(argc, argv),
        {{"coarse", 4'000'000, prepare<1024>}, {"fine", 4'000'000, prepare<32>}});
}
