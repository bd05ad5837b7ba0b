// SPDX-License-Identifier: Apache-2.0
// Going to sleep and being woken: bursts of work between pauses of about the time that an idle
// thread spins. Each burst needs a second worker to end, so a wake-up that is lost hangs the round.
#include "campaign.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace {

using twill_stress::dice;
using twill_stress::work;

/// Ends only when another thread has taken the second callable.
void needs_a_second_worker() {
    std::atomic<bool> taken{false};
    const auto caller = std::this_thread::get_id();
    twill::parallel_invoke(
        [&] {
            while (!taken) {
                twill::parallel_invoke([] {}, [] {});
            }
        },
        [&] {
            taken = true;
            if (std::this_thread::get_id() == caller) {
                std::fprintf(stderr, "the second ran before the first had ended\n");
                std::abort();
            }
        });
}

void pause_for(int microseconds) {
    // Both kinds: a core that stays busy, and one that goes idle.
    if (microseconds % 2 == 0) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(microseconds);
        while (std::chrono::steady_clock::now() < end) {
            work(20, 1);
        }
    } else {
        std::this_thread::sleep_for(std::chrono::microseconds(microseconds));
    }
}

bool round(std::uint64_t seed) {
    dice choices(seed);
    const bool alone = twill::worker_count() == 1;
    for (int burst = 0; burst < 50; ++burst) {
        if (!alone) {
            needs_a_second_worker();
        }
        std::atomic<int> calls{0};
        twill::parallel_for(0, 1 + choices.below(100), [&](int) {
            work(500, 1);
            ++calls;
        });
        if (calls == 0) {
            return false;
        }
        pause_for(choices.below(120));
    }
    return true;
}

} // namespace

int main(int argc, char** argv) { return twill_stress::run_campaign(argc, argv, &round); }
