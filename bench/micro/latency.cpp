// SPDX-License-Identifier: Apache-2.0
// The cold side of fork and join, each kind of latency once a round and a bare futex wake beside
// it, so that all see the same machine. Prints one line of JSON, in nanoseconds.

#include "micro/bare_wake.hpp"
#include "micro/ladder.hpp"
#include "micro/passage.hpp"
#include "micro/samples.hpp"

#include <twill/twill.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

using bench::busy_for;
using bench::fork_one;
using bench::passage;
using bench::samples;

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
    bench::ladder public_jobs;

    // All rounds inside one verb: the main thread holds its place, and only forks are timed.
    twill::parallel_invoke(
        [&] {
            for (int round = 0; round < rounds; ++round) {
                busy_for(bench::long_silence_us);
                partner.wake(bare);

                busy_for(bench::long_silence_us);
                if (const passage one = fork_one(bench::short_child_us); one.stolen) {
                    parked.add(one.forked, one.begun);
                }
                for (int i = 0; i < 3; ++i) {
                    busy_for(bench::short_silence_us);
                    if (const passage one = fork_one(bench::short_child_us); one.stolen) {
                        spinning.add(one.forked, one.begun);
                        joined.add(one.done, one.joined);
                    }
                }
                if (const passage one = fork_one(bench::long_child_us); one.stolen) {
                    handed.add(one.done, one.joined);
                }
                public_jobs.round();
                public_jobs.each_claim(
                    [&](std::uint64_t from, std::uint64_t to) { claim.add(from, to); });
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
