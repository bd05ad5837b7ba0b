// SPDX-License-Identifier: Apache-2.0
#include "micro/subjects/beside_wakes.hpp"

namespace bench::subjects {
namespace {

/// An idle thread takes one public job after the other.
void claim(benchmark::State& state) {
    claims(state, "stolen", &twill::worker_load::stolen, [](ladder& jobs) {
        jobs.round();
        return true;
    });
}

BENCHMARK(claim)->Name("steal/claim")->UseManualTime();

} // namespace
} // namespace bench::subjects
