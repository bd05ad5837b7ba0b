// SPDX-License-Identifier: Apache-2.0
// Random trees of forks, loops and reductions from several guests at a time, with leaves from
// nothing to a hundred microseconds, compared with the serial walk of the same tree.
#include "campaign.hpp"

#include <atomic>
#include <cstdio>
#include <thread>
#include <vector>

namespace {

using twill_stress::dice;
using twill_stress::work;

/// How a node of the tree runs: the same choices, serially or in parallel.
enum class mode { serial, parallel };

std::uint64_t child_seed(std::uint64_t seed, int child) {
    return dice(seed * 31 + static_cast<std::uint64_t>(child)).next();
}

std::uint64_t leaf(dice& choices, std::uint64_t seed) {
    // Mostly tiny, now and then long.
    const int size = choices.below(100);
    return work(size < 70 ? size / 10 : size < 98 ? size * 10 : 50'000, seed);
}

template <mode Mode>
std::uint64_t visit(std::uint64_t seed, int depth) {
    dice choices(seed);
    if (depth == 0 || choices.below(12) == 0) {
        return leaf(choices, seed);
    }
    const auto below = [seed, depth](int child) {
        return visit<Mode>(child_seed(seed, child), depth - 1);
    };
    switch (const int what = choices.below(8); what) {
    case 0: { // a short loop, or a long one with small bodies
        const int count = 1 + choices.below(6);
        std::atomic<std::uint64_t> sum{0};
        if constexpr (Mode == mode::parallel) {
            twill::parallel_for(0, count, [&](int k) { sum += below(k); });
        } else {
            for (int k = 0; k < count; ++k) {
                sum += below(k);
            }
        }
        return sum;
    }
    case 1: { // order counts
        const int count = 1 + choices.below(200);
        const auto map = [seed](int k) {
            return work(k % 50, seed + static_cast<std::uint64_t>(k)) | 1;
        };
        if constexpr (Mode == mode::parallel) {
            return twill::parallel_reduce(0, count, std::uint64_t{1}, map,
                                          [](std::uint64_t a, std::uint64_t b) { return a * b; });
        } else {
            std::uint64_t product = 1;
            for (int k = 0; k < count; ++k) {
                product *= map(k);
            }
            return product;
        }
    }
    case 2:
        if constexpr (Mode == mode::parallel) {
            const auto [a, b, c] = twill::parallel_invoke(
                [&] { return below(0); }, [&] { return below(1); }, [&] { return below(2); });
            return a * 3 + b * 5 + c * 7;
        } else {
            return below(0) * 3 + below(1) * 5 + below(2) * 7;
        }
    default:
        if constexpr (Mode == mode::parallel) {
            const auto [a, b] =
                twill::parallel_invoke([&] { return below(0); }, [&] { return below(1); });
            return a * 3 + b * 5 + static_cast<std::uint64_t>(what);
        } else {
            return below(0) * 3 + below(1) * 5 + static_cast<std::uint64_t>(what);
        }
    }
}

bool round(std::uint64_t seed) {
    dice choices(seed);
    const int guests = 1 + choices.below(4);
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int k = 0; k < guests; ++k) {
        threads.emplace_back([&wrong, of_guest = child_seed(seed, k)] {
            const int depth = 3 + dice(of_guest).below(6);
            const std::uint64_t expected = visit<mode::serial>(of_guest, depth);
            for (int repeat = 0; repeat < 3; ++repeat) {
                if (visit<mode::parallel>(of_guest, depth) != expected) {
                    ++wrong;
                }
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    if (wrong != 0) {
        std::fprintf(stderr, "%d wrong checksums\n", wrong.load());
    }
    return wrong == 0;
}

} // namespace

int main(int argc, char** argv) { return twill_stress::run_campaign(argc, argv, &round); }
