// SPDX-License-Identifier: Apache-2.0
// Many tiny roots from guests that come and go: entries, tickets, and the reuse of what is kept for
// a thread.
#include "campaign.hpp"

#include <atomic>
#include <cstdio>
#include <thread>
#include <vector>

namespace {

using twill_stress::dice;
using twill_stress::work;

std::atomic<int> wrong{0};

void tiny_roots(std::uint64_t seed, int count) {
    dice choices(seed);
    for (int k = 0; k < count; ++k) {
        const int n = choices.below(40);
        switch (choices.below(3)) {
        case 0: {
            const auto [a, b] = twill::parallel_invoke([n] { return n; }, [k] { return k; });
            wrong += a == n && b == k ? 0 : 1;
            break;
        }
        case 1: {
            std::atomic<int> sum{0};
            twill::parallel_for(0, n, [&](int i) { sum += i; });
            wrong += sum == n * (n - 1) / 2 ? 0 : 1;
            break;
        }
        default: {
            const long sum = twill::parallel_reduce(
                0, 20 * n, 0L,
                [](int i) {
                    work(20, 1);
                    return long{i};
                },
                [](long x, long y) { return x + y; });
            wrong += sum == 20L * n * (20L * n - 1) / 2 ? 0 : 1;
        }
        }
    }
}

bool round(std::uint64_t seed) {
    dice choices(seed);
    for (int generation = 0; generation < 5; ++generation) {
        const int guests = 1 + choices.below(12);
        std::vector<std::thread> threads;
        for (int k = 0; k < guests; ++k) {
            threads.emplace_back(tiny_roots, choices.next(), choices.below(200));
        }
        tiny_roots(choices.next(), 50);
        for (auto& thread : threads) {
            thread.join();
        }
    }
    if (wrong != 0) {
        std::fprintf(stderr, "%d wrong results\n", wrong.load());
    }
    return wrong == 0;
}

} // namespace

int main(int argc, char** argv) { return twill_stress::run_campaign(argc, argv, &round); }
