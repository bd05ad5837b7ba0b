// SPDX-License-Identifier: Apache-2.0
// What an idle runtime costs. First, some times over: how long after the last work the last thread
// still runs, by the CPU clocks of the threads. Then it says "idle" and is idle until a line comes
// in, so that others can look at it from outside, and prints one line of JSON.

#include "harness/clock.hpp"
#include "harness/process.hpp"
#include "micro/samples.hpp"
#include "micro/thread_clocks.hpp"

#include <twill/twill.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

using bench::ticks;

long fib(long n) {
    if (n < 2) {
        return n;
    }
    auto [a, b] = twill::parallel_invoke([n] { return fib(n - 1); }, [n] { return fib(n - 2); });
    return a + b;
}

/// How long after `end` the CPU clock of another thread last went on. Watches until all have been
/// still for a while.
std::uint64_t last_spin(const bench::other_threads& others, std::uint64_t end) {
    const auto still = static_cast<std::uint64_t>(3000 * bench::ticks_per_microsecond());
    std::uint64_t last = end;
    std::uint64_t seen = others.cpu_ns();
    for (std::uint64_t now = ticks(); now - last < still; now = ticks()) {
        if (const std::uint64_t cpu = others.cpu_ns(); cpu != seen) {
            seen = cpu;
            last = ticks();
        }
    }
    return last;
}

} // namespace

int main(int argc, char** argv) {
    const int rounds = argc > 1 ? std::atoi(argv[1]) : 50;
    bench::samples spins("last_spin");
    long sum = fib(30);
    for (int round = 0; round < rounds; ++round) {
        const bench::other_threads others;
        sum += fib(27);
        const std::uint64_t end = ticks();
        spins.add(end, last_spin(others, end));
    }

    const bench::other_threads others;
    const long switches = others.switches();
    const bench::usage start = bench::read_usage();
    const auto clock = std::chrono::steady_clock::now();
    std::puts("idle");
    std::fflush(stdout);
    static_cast<void>(std::getchar());
    const double wall = bench::milliseconds_since(clock);
    const bench::usage end = bench::read_usage();
    std::printf("{");
    spins.print(", ");
    std::printf("\"threads\": %zu, \"wall_ms\": %.1f, \"cpu_ms\": %.3f, \"switches\": %ld, "
                "\"right\": %s}\n",
                others.count(), wall, end.cpu_ms - start.cpu_ms, others.switches() - switches,
                sum == 832040 + rounds * 196418L ? "true" : "false");
}
