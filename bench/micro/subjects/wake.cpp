// SPDX-License-Identifier: Apache-2.0
#include "micro/subjects/passages.hpp"

namespace bench::subjects {
namespace {

/// The unit in units of itself.
void bare(benchmark::State& state) {
    beside_wakes run(state);
    for ([[maybe_unused]] auto _ : state) {
        run.wake();
        run.add_wake();
    }
    run.report();
}

void parked(benchmark::State& state) {
    passages(state,
             {.silence_us = long_silence_us,
              .child_us = short_child_us,
              .samples_to_a_wake = 1,
              .from = &passage::forked,
              .to = &passage::begun},
             "parks", &twill::worker_load::parks);
}

void spinning(benchmark::State& state) {
    passages(state,
             {.silence_us = short_silence_us,
              .child_us = short_child_us,
              .samples_to_a_wake = many_to_a_wake,
              .from = &passage::forked,
              .to = &passage::begun},
             "stolen", &twill::worker_load::stolen);
}

BENCHMARK(bare)->Name("wake/bare")->UseManualTime();
BENCHMARK(parked)->Name("wake/parked")->UseManualTime();
BENCHMARK(spinning)->Name("wake/spinning")->UseManualTime();

} // namespace
} // namespace bench::subjects
