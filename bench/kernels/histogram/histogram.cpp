// SPDX-License-Identifier: Apache-2.0
#include "harness/harness.hpp"

#include "harness/spin.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace {

using sample = std::uint8_t;
using counts = std::array<std::uint64_t, 256>;

/// Long beside adding up 256 counts, and short beside the loop.
constexpr std::size_t block_samples = 65'536;

/// Kept out of line, so that all runtimes run the same loop: clang unrolls it in some places only.
[[gnu::noinline]] counts count_block(const sample* first, const sample* last) {
    counts result{};
    for (; first != last; ++first) {
        ++result[*first];
    }
    return result;
}

counts sum_of(counts one, const counts& other) {
    for (std::size_t i = 0; i < one.size(); ++i) {
        one[i] += other[i];
    }
    return one;
}

counts histogram(const sample* first, std::size_t count) {
    const std::size_t blocks = (count + block_samples - 1) / block_samples;
    return bench::runtime::reduce(
        std::size_t{0}, blocks, counts{},
        [=](std::size_t block) {
            const std::size_t begin = block * block_samples;
            return count_block(first + begin, first + std::min(begin + block_samples, count));
        },
        sum_of);
}

bench::operation prepare(const bench::arguments& given) {
    const auto size = static_cast<std::size_t>(given.size);
    const auto input = std::make_shared<std::vector<sample>>(size);
    const auto expected = std::make_shared<counts>();
    for (std::size_t i = 0; i < size; ++i) {
        // Products of two random bytes: small ones are much more frequent, as in dark pictures.
        const std::uint64_t draw = bench::scatter(i);
        const auto value = static_cast<sample>((draw & 255) * (draw >> 8 & 255) >> 8);
        (*input)[i] = value;
        ++(*expected)[value];
    }
    const auto result = std::make_shared<counts>();
    return {.run = [=] { *result = histogram(input->data(), size); },
            .check = [=] { return *result == *expected; },
            .reset = [=] { result->fill(0); },
            .warm = [=] { *result = histogram(input->data(), std::min(size, block_samples)); }};
}

} // namespace

int main(int argc, char** argv) {
    return bench::run_kernel("histogram", bench::parse_arguments(argc, argv),
                             {{"bytes", 320'000'000, prepare}});
}
