// SPDX-License-Identifier: Apache-2.0
// The steps of the runtime, one subject after the other, by Google Benchmark.

#include "micro/subjects/subjects.hpp"

#include <atomic>
#include <cstdlib>
#include <string>
#include <vector>

namespace bench::subjects {
namespace {

std::atomic<bool> failed{false};

} // namespace

void fail(benchmark::State& state, const char* why) {
    failed.store(true, std::memory_order_relaxed);
    state.SkipWithError(why);
}

bool any_failed() noexcept { return failed.load(std::memory_order_relaxed); }

} // namespace bench::subjects

int main(int argc, char** argv) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread is started
    setenv("TWILL_WORKERS", "2", 0);

    // In the time of the latencies themselves, a hundredth of what a round takes: half a second of
    // those, as the library has it, would be a minute. What is given on the command line wins.
    std::string least = "--benchmark_min_time=0.02";
    std::vector<char*> arguments(argv, argv + argc);
    arguments.insert(arguments.begin() + 1, least.data());
    int count = argc + 1;
    benchmark::Initialize(&count, arguments.data());
    if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) {
        return 2;
    }
    benchmark::AddCustomContext("compiler", __VERSION__);
    benchmark::AddCustomContext("workers", std::to_string(twill::worker_count()));
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return bench::subjects::any_failed() ? 1 : 0;
}
