// SPDX-License-Identifier: Apache-2.0
#include "campaign.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string_view>
#include <thread>

namespace twill_stress {
namespace {

/// Longer than any round takes on a busy machine and under a sanitizer.
constexpr std::chrono::seconds longest_round{60};

/// Ends the program if no round has ended for `longest_round`: then a wake-up was lost.
class watchdog {
public:
    watchdog() : thread_([this] { watch(); }) {}
    ~watchdog() {
        {
            const std::lock_guard guard(lock_);
            over_ = true;
        }
        changed_.notify_one();
        thread_.join();
    }
    watchdog(const watchdog&) = delete;
    watchdog& operator=(const watchdog&) = delete;

    void begin_round(std::uint64_t seed) noexcept {
        seed_ = seed;
        ++rounds_;
    }

private:
    void watch() {
        std::unique_lock guard(lock_);
        std::uint64_t before = 0;
        while (!changed_.wait_for(guard, longest_round, [this] { return over_; })) {
            const std::uint64_t now = rounds_;
            if (now == before) {
                std::fprintf(stderr, "the round with seed %llu does not end\n",
                             static_cast<unsigned long long>(seed_.load()));
                std::abort();
            }
            before = now;
        }
    }

    std::mutex lock_;
    std::condition_variable changed_;
    bool over_ = false; // guarded by lock_
    std::atomic<std::uint64_t> seed_{0};
    std::atomic<std::uint64_t> rounds_{1};
    std::thread thread_;
};

settings parse(int argc, char** argv) {
    settings given;
    for (int k = 1; k + 1 < argc; k += 2) {
        const std::string_view name(argv[k]);
        if (name == "--seconds") {
            given.seconds = std::atof(argv[k + 1]);
        } else if (name == "--seed") {
            given.seed = std::strtoull(argv[k + 1], nullptr, 10);
        } else {
            std::fprintf(stderr, "usage: %s [--seconds N] [--seed N]\n", argv[0]);
            std::exit(2); // NOLINT(concurrency-mt-unsafe): no other thread runs yet
        }
    }
    return given;
}

} // namespace

int run_campaign(int argc, char** argv, round_function round,
                 const std::atomic<int>* most_waiting) {
    const settings given = parse(argc, argv);
    const auto deadline =
        std::chrono::steady_clock::now() + std::chrono::duration<double>(given.seconds);
    std::uint64_t seed = given.seed;
    {
        watchdog watching;
        do {
            watching.begin_round(seed);
            if (!round(seed)) {
                std::fprintf(stderr, "failed with --seed %llu\n",
                             static_cast<unsigned long long>(seed));
                return 1;
            }
            ++seed;
        } while (std::chrono::steady_clock::now() < deadline);
    }
    const twill::worker_load total = twill::load().since_start.total();
    std::printf("%llu rounds, %d workers: %llu stolen, %llu leapfrogged, %llu joins blocked, "
                "%llu handed over, %llu parks, %llu threads\n",
                static_cast<unsigned long long>(seed - given.seed), twill::worker_count(),
                static_cast<unsigned long long>(total.stolen),
                static_cast<unsigned long long>(total.leapfrogged),
                static_cast<unsigned long long>(total.joins_blocked),
                static_cast<unsigned long long>(total.handed_over),
                static_cast<unsigned long long>(total.parks),
                static_cast<unsigned long long>(total.threads));
    if (twill::worker_count() > 1 && total.stolen == 0) {
        std::fprintf(stderr, "nothing was stolen: nothing was tested\n");
        return 1;
    }
    const int waiting = most_waiting == nullptr ? 0 : most_waiting->load();
    if (total.threads > static_cast<unsigned>(4 * twill::worker_count() + 16 + waiting)) {
        std::fprintf(stderr, "too many threads\n");
        return 1;
    }
    return 0;
}

} // namespace twill_stress
