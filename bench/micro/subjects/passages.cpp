// SPDX-License-Identifier: Apache-2.0
#include "micro/subjects/passages.hpp"

namespace bench::subjects {

void passages(benchmark::State& state, const passage_kind& kind, const char* what,
              std::uint64_t twill::worker_load::* count) {
    beside_wakes run(state);
    long turn = 0;
    inside([&] {
        for ([[maybe_unused]] auto _ : state) {
            const bool right = sampled(state, [&] {
                if (turn++ % kind.samples_to_a_wake == 0) {
                    run.wake();
                    if (kind.silence_us < long_silence_us) {
                        fork_one(short_child_us); // the bare wake has left nobody spinning
                    }
                }
                busy_for(kind.silence_us);
                const passage one = fork_one(kind.child_us);
                if (one.stolen) {
                    run.add(one.*kind.from, one.*kind.to);
                }
                return one.stolen;
            });
            if (!right) {
                return;
            }
        }
    });
    run.report(what, count);
}

} // namespace bench::subjects
