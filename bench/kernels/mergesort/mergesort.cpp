// SPDX-License-Identifier: Apache-2.0
#include "harness/harness.hpp"

#include "harness/spin.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

namespace {

using value = std::uint32_t;

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
    const auto input = std::make_shared<std::vector<value>>();
    for (long i = 0; i < given.size; ++i) {
        input->push_back(static_cast<value>(bench::scatter(static_cast<std::uint64_t>(i))));
    }
    const auto expected = std::make_shared<std::vector<value>>(*input);
    std::sort(expected->begin(), expected->end());
    const auto data = std::make_shared<std::vector<value>>(*input);
    const auto other = std::make_shared<std::vector<value>>(input->size());
    const auto sort = [=](long count) {
        merge_sort<Base>(data->data(), count, other->data(), false);
    };
    return {.run = [=] { sort(given.size); },
            .check = [=] { return *data == *expected; },
            .reset = [=] { *data = *input; },
            .warm = [=] { sort(std::min(given.size, 1000L)); }};
}

} // namespace

int main(int argc, char** argv) {
    return bench::run_kernel(
        "mergesort", bench::parse_arguments(argc, argv),
        {{"coarse", 4'000'000, prepare<2048>}, {"fine", 4'000'000, prepare<32>}});
}
