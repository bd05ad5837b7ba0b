// SPDX-License-Identifier: Apache-2.0
#include "micro/subjects/beside_wakes.hpp"

namespace bench::subjects {
namespace {

/// An idle thread takes one public job after the other.
void claim(benchmark::State& state) {
    beside_wakes run(state);
    ladder jobs;
    long turn = 0;
    inside([&] {
        while (state.KeepRunningBatch(ladder::claims)) {
            const bool right = sampled(state, [&] {
                if (turn++ % ladders_to_a_wake == 0) {
                    run.wake();
                }
                jobs.round();
                return run.add_claims(jobs);
            });
            if (!right) {
                return;
            }
        }
    });
    run.report("stolen", &twill::worker_load::stolen);
}

BENCHMARK(claim)->Name("steal/claim")->UseManualTime();

} // namespace
} // namespace bench::subjects
