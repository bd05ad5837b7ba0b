// SPDX-License-Identifier: Apache-2.0
#include "harness/harness.hpp"

#include "harness/spin.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <vector>

namespace {

/// Sums wrap around, which unsigned numbers may.
using value = std::uint32_t;
using values = std::vector<value>;

constexpr std::size_t block_values = 32'768;

/// Sums of [first, last), after `sum`, into `to`.
void scan_block(const value* first, const value* last, value* to, value sum) {
    for (; first != last; ++first, ++to) {
        sum += *first;
        *to = sum;
    }
}

/// Sums of `count` numbers of `from` into `to`: the sum of every block, then where each block
/// begins, and then the sums within.
void prefix_sum(const value* from, value* to, value* begins, std::size_t count) {
    const std::size_t blocks = (count + block_values - 1) / block_values;
    const auto first_of = [=](std::size_t block) { return std::min(block * block_values, count); };
    bench::runtime::for_each(std::size_t{0}, blocks, [=](std::size_t block) {
        begins[block] =
            std::accumulate(from + first_of(block), from + first_of(block + 1), value{0});
    });
    std::exclusive_scan(begins, begins + blocks, begins, value{0});
    bench::runtime::for_each(std::size_t{0}, blocks, [=](std::size_t block) {
        scan_block(from + first_of(block), from + first_of(block + 1), to + first_of(block),
                   begins[block]);
    });
}

/// Each sum exceeds the one before by its element.
bool is_prefix_sum(const values& from, const values& to) {
    value before = 0;
    for (std::size_t i = 0; i < from.size(); ++i) {
        if (to[i] - before != from[i]) {
            return false;
        }
        before = to[i];
    }
    return true;
}

bench::operation prepare(const bench::arguments& given) {
    const auto size = static_cast<std::size_t>(given.size);
    const auto from = std::make_shared<values>(size);
    for (std::size_t i = 0; i < size; ++i) {
        (*from)[i] = static_cast<value>(bench::scatter(i));
    }
    const auto to = std::make_shared<values>(size);
    const auto begins = std::make_shared<values>(size / block_values + 1);
    const auto sum = [=](std::size_t count) {
        prefix_sum(from->data(), to->data(), begins->data(), count);
    };
    return {.run = [=] { sum(size); },
            .check = [=] { return is_prefix_sum(*from, *to); },
            .reset = [=] { std::fill(to->begin(), to->end(), 0); },
            .warm = [=] { sum(std::min(size, 4 * block_values)); }};
}

} // namespace

int main(int argc, char** argv) {
    return bench::run_kernel("prefix_sum", bench::parse_arguments(argc, argv),
                             {{"blocked", 100'000'000, prepare}});
}
