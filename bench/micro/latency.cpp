// SPDX-License-Identifier: Apache-2.0
// The cold side of fork and join, each kind of latency once a round and a bare futex wake beside
// it, so that all see the same machine. Prints one line of JSON, in nanoseconds.

#include "micro/bare_wake.hpp"
#include "micro/samples.hpp"

#include <twill/twill.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

namespace {

using bench::busy_for;
using bench::samples;
using bench::ticks;

/// Long enough for every idle thread to be parked.
constexpr double long_silence_us = 400;
/// Short enough for an idle thread to be still looking for work.
constexpr double short_silence_us = 5;
/// Longer than any joiner spins.
constexpr double long_child_us = 300;
constexpr double short_child_us = 6;
constexpr double patience_us = 5000;

struct passage {
    std::uint64_t forked = 0;
    std::uint64_t begun = 0;
    std::uint64_t done = 0;
    std::uint64_t joined = 0;
    bool stolen = false;
};

/// Forks one child that runs for a while, and waits, without a poll, until it was begun elsewhere.
passage fork_one(double child_us) {
    static std::atomic<std::uint64_t> begun;
    static std::atomic<std::uint64_t> done;
    begun.store(0, std::memory_order_relaxed);
    passage result;
    const std::thread::id self = std::this_thread::get_id();
    const auto patience = static_cast<std::uint64_t>(patience_us * bench::ticks_per_microsecond());
    std::atomic<bool> elsewhere{false};
    result.forked = ticks();
    twill::parallel_invoke(
        [start = result.forked, patience] {
            while (begun.load(std::memory_order_acquire) == 0 && ticks() - start < patience) {
                bench::pause();
            }
        },
        [&elsewhere, self, child_us] {
            begun.store(ticks(), std::memory_order_release);
            elsewhere.store(std::this_thread::get_id() != self, std::memory_order_relaxed);
            busy_for(child_us);
            done.store(ticks(), std::memory_order_relaxed);
        });
    result.joined = ticks();
    result.begun = begun.load(std::memory_order_relaxed);
    result.done = done.load(std::memory_order_relaxed);
    result.stolen = elsewhere.load(std::memory_order_relaxed);
    return result;
}

/// Many public jobs in one deque and one thief: from the end of one to the beginning of the next
/// is one claim. The owner holds still, so that the thief meets nobody.
class claims {
public:
    static constexpr int depth = 40;

    void round(samples& into) {
        claimed_.store(0, std::memory_order_relaxed);
        descend(0);
        for (std::size_t i = 1; i < depth; ++i) {
            if (stamps_[i].owner != stamps_[i - 1].owner || stamps_[i].owner == self_) {
                continue;
            }
            into.add(stamps_[i - 1].end, stamps_[i].begin);
        }
    }

private:
    struct alignas(64) stamp {
        std::uint64_t begin;
        std::uint64_t end;
        std::thread::id owner;
    };

    void descend(int level) {
        if (level == depth) {
            publish_and_wait();
            return;
        }
        twill::parallel_invoke([this, level] { descend(level + 1); },
                               [this, level] { child(static_cast<std::size_t>(level)); });
    }
    void child(std::size_t level) {
        stamps_[level].begin = ticks();
        stamps_[level].owner = std::this_thread::get_id();
        if (level == 0) {
            // The first thief comes for the first job alone: it stays until the list is long.
            while (claimed_.load(std::memory_order_acquire) == 0) {
                bench::pause();
            }
        } else {
            busy_for(0.5);
        }
        claimed_.fetch_add(1, std::memory_order_acq_rel);
        stamps_[level].end = ticks();
    }
    /// Lets the thief go, gives it time to ask, answers by forking once, and holds still.
    void publish_and_wait() {
        claimed_.store(1, std::memory_order_release);
        busy_for(short_silence_us);
        twill::parallel_invoke([] {}, [] {});
        const std::uint64_t start = ticks();
        const auto patience =
            static_cast<std::uint64_t>(patience_us * bench::ticks_per_microsecond());
        while (claimed_.load(std::memory_order_acquire) < depth + 1 && ticks() - start < patience) {
            bench::pause();
        }
    }

    std::atomic<int> claimed_{0};
    std::thread::id self_ = std::this_thread::get_id();
    std::array<stamp, depth> stamps_{};
};

} // namespace

int main(int argc, char** argv) {
    const int rounds = argc > 1 ? std::atoi(argv[1]) : 500;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread is started
    setenv("TWILL_WORKERS", "2", 0);
    samples bare("bare_wake");
    samples parked("fork_to_begun_parked");
    samples spinning("fork_to_begun_spinning");
    samples joined("done_to_joined_spinning");
    samples handed("done_to_joined_handed_over");
    samples claim("claim");
    bench::bare_wake partner;
    claims public_jobs;

    // All rounds inside one verb: the main thread holds its place, and only forks are timed.
    twill::parallel_invoke(
        [&] {
            for (int round = 0; round < rounds; ++round) {
                busy_for(long_silence_us);
                partner.wake(bare);

                busy_for(long_silence_us);
                if (const passage one = fork_one(short_child_us); one.stolen) {
                    parked.add(one.forked, one.begun);
                }
                for (int i = 0; i < 3; ++i) {
                    busy_for(short_silence_us);
                    if (const passage one = fork_one(short_child_us); one.stolen) {
                        spinning.add(one.forked, one.begun);
                        joined.add(one.done, one.joined);
                    }
                }
                if (const passage one = fork_one(long_child_us); one.stolen) {
                    handed.add(one.done, one.joined);
                }
                public_jobs.round(claim);
            }
        },
        [] {});

    const twill::worker_load sum = twill::load().since_start.total();
    std::printf("{");
    bare.print(", ");
    parked.print(", ");
    spinning.print(", ");
    joined.print(", ");
    handed.print(", ");
    claim.print(", ");
    std::printf("\"counters\": {\"stolen\": %llu, \"handed_over\": %llu, \"parks\": %llu}}\n",
                static_cast<unsigned long long>(sum.stolen),
                static_cast<unsigned long long>(sum.handed_over),
                static_cast<unsigned long long>(sum.parks));
}
