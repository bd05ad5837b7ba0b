// SPDX-License-Identifier: Apache-2.0
#include "harness/harness.hpp"

#include "harness/clock.hpp"
#include "harness/energy.hpp"
#include "harness/process.hpp"
#include "harness/spin.hpp"

#include <cstdio>
#include <optional>
#include <string>
#include <sys/resource.h>

namespace bench {
namespace {

/// What an operation takes: time, and CPU time of all threads.
struct cost {
    double ms = 0;
    double cpu_ms = 0;
};

/// CPU time is read only where the operation is long (`accounted`): the call of the system costs
/// some microseconds of a short one.
cost timed(const operation& task, bool accounted, bool& right) {
    task.reset();
    const double cpu = accounted ? read_usage().cpu_ms : 0;
    // Frames begin elsewhere within a cache line too, as they do on a thread of the runtime: frames
    // of one line's length keep their place in it through a whole recursion.
    auto* const shift = static_cast<volatile char*>(__builtin_alloca(BENCH_PADDING + 16));
    shift[0] = 0;
    const auto start = std::chrono::steady_clock::now();
    runtime::enter(task.run);
    const double passed = milliseconds_since(start);
    const cost result{passed, accounted ? read_usage().cpu_ms - cpu : 0};
    right = task.check() && right;
    return result;
}

void print_times(const std::vector<double>& times) {
    std::printf("\"ms\": [");
    const char* separator = "";
    for (const double time : times) {
        std::printf("%s%.6f", separator, time);
        separator = ", ";
    }
    std::printf("]");
}

void print_variants(const char* kernel, const std::vector<variant>& variants) {
    std::printf("{\"kernel\": \"%s\", \"variants\": [", kernel);
    const char* separator = "";
    for (const variant& one : variants) {
        std::printf("%s{\"name\": \"%s\", \"n\": %ld}", separator, one.name, one.size);
        separator = ", ";
    }
    std::printf("]}\n");
}

} // namespace

int run_kernel(const char* kernel, const arguments& asked, const std::vector<variant>& variants) {
    if (asked.calibrate) {
        std::printf("{\"unit\": %.2f}\n", steps_per_microsecond());
        return 0;
    }
    if (asked.variants) {
        print_variants(kernel, variants);
        return 0;
    }
    const variant* chosen = &variants.front();
    for (const variant& candidate : variants) {
        if (asked.variant == candidate.name) {
            chosen = &candidate;
        }
    }
    if (!asked.variant.empty() && asked.variant != chosen->name) {
        std::fprintf(stderr, "%s: no variant \"%s\"; there are:", kernel, asked.variant.c_str());
        for (const variant& candidate : variants) {
            std::fprintf(stderr, " %s", candidate.name);
        }
        std::fprintf(stderr, "\n");
        return 2;
    }
    arguments given = asked;
    given.size = asked.size > 0 ? asked.size : chosen->size;

    const runtime::session session(given.workers);
    const operation task = chosen->prepare(given);
    runtime::enter(task.warm);

    // The first operation is not quoted when there is time for others: it touches fresh memory.
    bool right = true;
    long batch = 1;
    if (given.least_ms > 0) {
        const double first = timed(task, false, right).ms;
        batch = first >= given.least_ms ? 1 : static_cast<long>(given.least_ms / first) + 1;
    }
    energy_meter meter;
    const runtime::counters before = runtime::read_counters();
    const usage start = read_usage();
    std::vector<double> times;
    double wall = 0;
    double cpu = 0;
    for (int run = 0; run < given.repeat; ++run) {
        double sum = 0;
        for (long i = 0; i < batch; ++i) {
            const cost one = timed(task, batch == 1, right);
            sum += one.ms;
            cpu += one.cpu_ms;
        }
        wall += sum;
        times.push_back(sum / static_cast<double>(batch * task.calls));
    }
    const usage end = read_usage();
    const std::optional<double> joules = meter.joules();
    const runtime::counters after = runtime::read_counters();

    std::printf("{\"kernel\": \"%s\", \"variant\": \"%s\", \"runtime\": \"%s\", \"workers\": %d, "
                "\"n\": %ld, \"batch\": %ld, \"calls\": %ld, \"right\": %s, ",
                kernel, chosen->name, runtime::name, runtime::workers(given.workers), given.size,
                batch, task.calls, right ? "true" : "false");
    print_times(times);
    if (joules) {
        std::printf(", \"energy_j\": %.6f", *joules);
    }
    std::printf(", \"wall_ms\": %.3f, \"cpu_ms\": %.3f, \"peak_kib\": %ld, \"threads\": %ld, "
                "\"switched_out\": %ld, \"counters\": {",
                wall, batch == 1 ? cpu : end.cpu_ms - start.cpu_ms, status_value("VmHWM"),
                status_value("Threads"), end.involuntary - start.involuntary);
    runtime::print_counters(before, after);
    std::printf("}}\n");
    return right ? 0 : 1;
}

} // namespace bench
