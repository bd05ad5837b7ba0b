// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "micro/bare_wake.hpp"
#include "micro/ladder.hpp"
#include "micro/passage.hpp"
#include "micro/samples.hpp"
#include "micro/subjects/subjects.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace bench::subjects {

/// How many ladders there are to each bare wake.
constexpr long ladders_to_a_wake = 16;

/// The samples of one latency, in manual time, and bare futex wakes of the same run among them.
class beside_wakes {
public:
    explicit beside_wakes(benchmark::State& state);

    /// One bare wake, after a silence in which everybody else has gone to sleep.
    void wake();
    /// One sample, which is one iteration.
    void add(std::uint64_t from, std::uint64_t to);
    /// One more bare wake, as a sample.
    void add_wake();
    /// The claims of a ladder, an iteration each. False, and nothing is added, if one is missing.
    bool add_claims(const ladder& jobs);

    /// To be called after the last iteration: the counters `wakes` (the median in bare wakes),
    /// `median_ns`, `bare_ns`, and how often the runtime did what is measured, an iteration.
    void report(const char* what, std::uint64_t twill::worker_load::* count);
    /// The same without the last one.
    void report();

private:
    benchmark::State& state_;
    samples bare_{"bare"};
    samples own_{"own"};
    bare_wake partner_;
    twill::load_snapshot before_;
};

/// Tries until `attempt()` says that what it did is a sample. False, and the benchmark has failed,
/// if that does not come about for seconds.
template <class Attempt>
bool sampled(benchmark::State& state, Attempt attempt) {
    constexpr auto longest = std::chrono::seconds(5);
    const auto start = std::chrono::steady_clock::now();
    while (!attempt()) {
        if (std::chrono::steady_clock::now() - start > longest) {
            fail(state, "no other thread took part");
            return false;
        }
    }
    return true;
}

/// Ladders whose jobs another thread claims one after the other, all of them inside of one verb.
/// `climb(ladder)` goes over one and is false if that was no sample; `what` and `count` as in
/// report().
template <class Climb>
void claims(benchmark::State& state, const char* what, std::uint64_t twill::worker_load::* count,
            Climb climb) {
    beside_wakes run(state);
    ladder jobs;
    long turn = 0;
    inside([&] {
        while (state.KeepRunningBatch(ladder::claims)) {
            const bool right = sampled(state, [&] {
                if (turn++ % ladders_to_a_wake == 0) {
                    run.wake();
                }
                return climb(jobs) && run.add_claims(jobs);
            });
            if (!right) {
                return;
            }
        }
    });
    run.report(what, count);
}

} // namespace bench::subjects
