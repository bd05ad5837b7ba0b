// SPDX-License-Identifier: Apache-2.0
// What recording costs, on one worker: forks of two empty callables while nothing is recorded and
// in full mode (three events each), and a recursion before, during and after recordings. Prints one
// line of JSON, in nanoseconds.
//
//     recording FILE [rounds]
//
// FILE is made and removed; it grows to some hundred MB.

#include "harness/clock.hpp"
#include "micro/samples.hpp"

#include <twill/detail/hot_state.hpp>
#include <twill/record.hpp>
#include <twill/twill.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace {

constexpr int forks_of_a_sample = 64;
constexpr int events_of_a_fork = 3;
/// Between two samples: what the file's thread can keep up with on a core of its own.
constexpr double pause_us = 30;
constexpr int fib_of = 24;

void one_fork() {
    twill::parallel_invoke([] { asm volatile(""); }, [] { asm volatile(""); });
}

[[gnu::noinline]] int fib(int n) {
    if (n < 2) {
        return n;
    }
    const auto [a, b] =
        twill::parallel_invoke([n] { return fib(n - 1); }, [n] { return fib(n - 2); });
    return a + b;
}

/// Of so many forks in a row, the time of one; of one fork by itself, all of its time.
void time_forks(int rounds, bench::samples& in_a_row, bench::samples& alone) {
    for (int round = 0; round < rounds; ++round) {
        const std::uint64_t from = bench::ticks();
        for (int k = 0; k < forks_of_a_sample; ++k) {
            one_fork();
        }
        const std::uint64_t to = bench::ticks();
        in_a_row.add(0, (to - from) / forks_of_a_sample);
        for (int k = 0; k < forks_of_a_sample / 4; ++k) {
            const std::uint64_t begun = bench::ticks();
            one_fork();
            alone.add(begun, bench::ticks());
        }
        bench::busy_for(pause_us);
    }
}

/// After half as many rounds that only warm up. In each round somebody asks for work, as an idle
/// thread does, and the end of a recording: a branch that is taken now and then is one that the
/// processor predicts, which costs fib up to 2 % until it is forgotten. Without that only the first
/// series would be of a fib that was never asked.
void time_fib(int rounds, bench::samples& all) {
    for (int round = -rounds / 2; round < rounds; ++round) {
        twill::detail::hot().limit.store(twill::detail::attention, twill::detail::relaxed);
        const std::uint64_t from = bench::ticks();
        if (fib(fib_of) != 46368) {
            std::abort();
        }
        if (round >= 0) {
            all.add(from, bench::ticks());
        }
    }
}

void begin(const char* path, twill::record_mode mode) {
    if (const std::error_code error = twill::record_start(path, mode, true); error) {
        std::fprintf(stderr, "%s: %s\n", path, error.message().c_str());
        std::exit(1); // NOLINT(concurrency-mt-unsafe)
    }
}

void end(const char* path) {
    if (const std::error_code error = twill::record_stop(); error) {
        std::fprintf(stderr, "%s: %s\n", path, error.message().c_str());
        std::exit(1); // NOLINT(concurrency-mt-unsafe)
    }
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fputs("usage: recording FILE [rounds]\n", stderr);
        return 2;
    }
    const char* const path = argv[1];
    const int rounds = argc > 2 ? std::atoi(argv[2]) : 5000;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread is started
    setenv("TWILL_WORKERS", "1", 1);
    bench::samples off("fork_off");
    bench::samples off_alone("fork_off_alone");
    bench::samples full("fork_full");
    bench::samples full_alone("fork_full_alone");
    bench::samples before("fib_before");
    bench::samples counters("fib_counters");
    bench::samples after("fib_after");

    // Inside one verb, so that only forks are timed.
    std::uintmax_t bytes = 0;
    twill::parallel_invoke(
        [&] {
            time_fib(rounds / 10, before);
            time_forks(rounds / 10, off, off_alone);
            begin(path, twill::record_mode::counters);
            time_fib(rounds / 10, counters);
            end(path);
            begin(path, twill::record_mode::full);
            time_forks(rounds, full, full_alone);
            end(path);
            bytes = std::filesystem::file_size(path);
            std::filesystem::remove(path); // else the system writes it to the disk meanwhile
            time_fib(rounds / 10, after);
        },
        [] {});

    const double forks = static_cast<double>(rounds) * (forks_of_a_sample + forks_of_a_sample / 4);
    const double event = (full.quantile(0.5) - off.quantile(0.5)) / events_of_a_fork;
    const double rare = (full_alone.quantile(0.999) - off_alone.quantile(0.5)) / events_of_a_fork;
    std::printf("{\"event\": %.2f, \"event_p999\": %.1f, \"bytes_per_event\": %.3f, ", event, rare,
                static_cast<double>(bytes) / (forks * events_of_a_fork));
    std::printf("\"counters_ratio\": %.5f, \"after_ratio\": %.5f, ",
                counters.quantile(0.5) / before.quantile(0.5),
                after.quantile(0.5) / before.quantile(0.5));
    off.print(", ");
    full.print(", ");
    full_alone.print("}\n");
}
