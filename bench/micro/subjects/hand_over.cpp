// SPDX-License-Identifier: Apache-2.0
#include "micro/subjects/passages.hpp"

namespace bench::subjects {
namespace {

/// The joiner has given its place away and sleeps when the child ends.
void asleep(benchmark::State& state) {
    passages(state,
             {.silence_us = long_silence_us,
              .child_us = long_child_us,
              .samples_to_a_wake = 1,
              .from = &passage::done,
              .to = &passage::joined},
             "handed_over", &twill::worker_load::handed_over);
}

/// The child ends while the joiner still spins: what a join costs that needs no hand-over.
void within_spin(benchmark::State& state) {
    passages(state,
             {.silence_us = short_silence_us,
              .child_us = short_child_us,
              .samples_to_a_wake = many_to_a_wake,
              .from = &passage::done,
              .to = &passage::joined},
             "joins_blocked", &twill::worker_load::joins_blocked);
}

BENCHMARK(asleep)->Name("hand_over/asleep")->UseManualTime();
BENCHMARK(within_spin)->Name("hand_over/within_spin")->UseManualTime();

} // namespace
} // namespace bench::subjects
