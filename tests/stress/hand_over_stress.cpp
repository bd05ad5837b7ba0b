// SPDX-License-Identifier: Apache-2.0
// Joins that block: parents with long serial leaves, locks held across joins, sleeps in tasks, and
// strangers who want the locks.
#include "campaign.hpp"

#include <atomic>
#include <cstdio>
#include <mutex>
#include <thread>
#include <vector>

namespace {

using twill_stress::dice;
using twill_stress::work;

std::atomic<int> wrong{0};

/// Eight parents, each with serial leaves of some 20 us.
std::uint64_t parents(std::uint64_t seed) {
    std::atomic<std::uint64_t> leaves{0};
    twill::parallel_for(0, 8, [&](int parent) {
        dice choices(seed + static_cast<std::uint64_t>(parent));
        const int steps = 5000 + choices.below(30'000);
        const auto leaf = [&, steps] {
            work(steps, seed);
            ++leaves;
        };
        for (int k = 0; k < 4; ++k) {
            twill::parallel_invoke(leaf, leaf);
            twill::parallel_invoke(leaf, leaf, leaf);
        }
    });
    return leaves;
}

/// A chain of joins: the second child of each waits for a thief that itself waits.
int chain(int depth, std::uint64_t seed) {
    if (depth == 0) {
        work(2000, seed);
        return 1;
    }
    const auto [a, b] = twill::parallel_invoke(
        [=] {
            work(3000, seed);
            return 1;
        },
        [=] { return chain(depth - 1, seed + 1); });
    return a + b;
}

/// Locks that are held across joins; each guards one counter.
struct guarded {
    std::mutex lock;
    long count = 0;
};

void hold_locks(std::vector<guarded>& all, std::uint64_t seed) {
    twill::parallel_for(0, 12, [&](int k) {
        dice choices(seed + static_cast<std::uint64_t>(k));
        guarded& one = all[static_cast<std::size_t>(choices.below(static_cast<int>(all.size())))];
        const std::lock_guard guard(one.lock);
        const long before = ++one.count;
        const int steps = choices.below(3000);
        const bool sleeps = choices.below(40) == 0;
        twill::parallel_for(0, 6, [&](int) { work(steps, seed); });
        twill::parallel_invoke([=] { work(steps, seed); },
                               [=] {
                                   if (sleeps) {
                                       std::this_thread::sleep_for(std::chrono::milliseconds(2));
                                   }
                                   work(steps, seed);
                               });
        if (one.count != before) {
            ++wrong;
        }
    });
}

bool round(std::uint64_t seed) {
    std::vector<guarded> locks(3);
    std::atomic<bool> stop{false};
    std::thread stranger([&] {
        dice choices(seed);
        while (!stop) {
            hold_locks(locks, choices.next());
        }
    });
    bool good = true;
    for (int k = 0; k < 5; ++k) {
        good = good && parents(seed) == 8U * 4U * 5U && chain(20, seed) == 21;
        hold_locks(locks, seed + 100);
    }
    stop = true;
    stranger.join();
    if (!good || wrong != 0) {
        std::fprintf(stderr, "a wrong count, or a lock that was taken twice\n");
    }
    return good && wrong == 0;
}

} // namespace

int main(int argc, char** argv) { return twill_stress::run_campaign(argc, argv, &round); }
