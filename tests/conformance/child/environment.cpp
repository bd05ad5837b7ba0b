// SPDX-License-Identifier: Apache-2.0
// What the environment says, and what starts when.
#include "scenario.hpp"

#include <cstdio>
#include <filesystem>
#include <iterator>

namespace {

long threads_now() {
    return std::distance(std::filesystem::directory_iterator("/proc/self/task"),
                         std::filesystem::directory_iterator());
}

int sum_to_thousand() {
    return twill::parallel_reduce(
        0, 1000, 0, [](int i) { return i; }, [](int a, int b) { return a + b; });
}

// Prints worker_count() before and after the first verb, and the verb's result.
int workers(const std::vector<std::string>& /*arguments*/) {
    std::printf("%d ", twill::worker_count());
    std::printf("%d ", sum_to_thousand());
    std::printf("%d\n", twill::worker_count());
    return 0;
}

// Prints the number of threads at the start, after what starts nothing, and after a verb that used
// a second worker.
int threads(const std::vector<std::string>& /*arguments*/) {
    const long at_start = threads_now();
    const int worker = twill::this_worker();
    (void)twill::worker_count();
    const auto workers_seen = twill::load().since_start.workers.size();
    const long before = threads_now();
    on_runtime_thread([] {});
    std::printf("%ld %ld %d %zu %d\n", at_start, before, worker, workers_seen,
                threads_now() > before ? 1 : 0);
    return 0;
}

} // namespace

const std::vector<named_scenario>& environment_scenarios() {
    static const std::vector<named_scenario> all{{"workers", workers}, {"threads", threads}};
    return all;
}
