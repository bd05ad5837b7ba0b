// SPDX-License-Identifier: Apache-2.0
#include "kernels/sorting/sorting.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

namespace {

using bench::sorting::value;

/// Merges two sorted runs: the middle of the longer one splits both.
template <long Base>
BENCH_RECURSIVE void merge(const value* a, const value* a_end, const value* b, const value* b_end,
                           value* to) {
    if ((a_end - a) + (b_end - b) <= Base) {
        std::merge(a, a_end, b, b_end, to);
        return;
    }
    if (a_end - a < b_end - b) {
        std::swap(a, b);
        std::swap(a_end, b_end);
    }
    const value* const a_middle = a + (a_end - a) / 2;
    const value* const b_middle = std::lower_bound(b, b_end, *a_middle);
    value* const to_middle = to + (a_middle - a) + (b_middle - b);
    bench::runtime::invoke([&] { merge<Base>(a, a_middle, b, b_middle, to); },
                           [&] { merge<Base>(a_middle, a_end, b_middle, b_end, to_middle); });
}

/// Sorts [first, first + count) into itself, or into `other` when asked to.
template <long Base>
BENCH_RECURSIVE void merge_sort(value* first, long count, value* other, bool into_other) {
    if (count <= Base) {
        std::sort(first, first + count);
        if (into_other) {
            std::copy(first, first + count, other);
        }
        return;
    }
    const long half = count / 2;
    bench::runtime::invoke(
        [&] { merge_sort<Base>(first, half, other, !into_other); },
        [&] { merge_sort<Base>(first + half, count - half, other + half, !into_other); });
    const value* const from = into_other ? first : other;
    value* const to = into_other ? other : first;
    merge<4 * Base>(from, from + half, from + half, from + count, to);
}

template <long Base>
bench::operation prepare(const bench::arguments& given) {
    const auto other = std::make_shared<std::vector<value>>(static_cast<std::size_t>(given.size));
    return bench::sorting::prepare(given, 1000, [other](value* first, long count) {
        merge_sort<Base>(first, count, other->data(), false);
    });
}

} // namespace

int main(int argc, char** argv) {
    return bench::run_kernel(
        "mergesort", bench::parse_arguments(argc, argv),
        {{"coarse", 4'000'000, prepare<2048>}, {"fine", 4'000'000, prepare<32>}});
}
