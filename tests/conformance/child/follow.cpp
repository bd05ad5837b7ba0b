// SPDX-License-Identifier: Apache-2.0
// The affinity mask changes while the program runs, and what the runtime makes of it.
#include "scenario.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <sched.h>

namespace {

using clock_type = std::chrono::steady_clock;

cpu_set_t own_mask() {
    cpu_set_t mask;
    CPU_ZERO(&mask);
    sched_getaffinity(0, sizeof mask, &mask);
    return mask;
}

cpu_set_t first_of(const cpu_set_t& all) {
    unsigned cpu = 0;
    while (!CPU_ISSET(cpu, &all)) {
        ++cpu;
    }
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    return one;
}

/// As `taskset -a -p` does it.
void set_mask_of_all_threads(const cpu_set_t& mask) {
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
        sched_setaffinity(std::stoi(entry.path().filename()), sizeof mask, &mask);
    }
}

/// The largest number of tasks that run at the same time in one loop.
int together() {
    std::atomic<int> running{0};
    std::atomic<int> highest{0};
    twill::parallel_for(0, 64, [&](int) {
        const int now = ++running;
        for (int seen = highest; seen < now && !highest.compare_exchange_weak(seen, now);) {
        }
        std::this_thread::sleep_for(std::chrono::microseconds(100));
        --running;
    });
    return highest;
}

int awake_limit() { return twill::load().since_start.awake_limit; }

/// Is active until the limit is `wanted`, for a minute at the most, and prints the limit.
void be_active_until(int wanted) {
    const auto deadline = clock_type::now() + std::chrono::minutes(1);
    do {
        together();
    } while (awake_limit() != wanted && clock_type::now() < deadline);
    std::printf("%d ", awake_limit());
}

// Prints the limit with all CPUs, with one, how many tasks then ran together at most, and the limit
// with all CPUs again. The arguments are the limits that are waited for.
int follow_all(const std::vector<std::string>& arguments) {
    const int one_cpu = std::stoi(arguments.at(0));
    const int all_cpus = std::stoi(arguments.at(1));
    const cpu_set_t all = own_mask();
    on_runtime_thread([] {});
    std::printf("%d ", awake_limit());
    set_mask_of_all_threads(first_of(all));
    be_active_until(one_cpu);
    int highest = 0;
    for (int k = 0; k < 20; ++k) {
        highest = std::max(highest, together());
    }
    std::printf("%d ", highest);
    set_mask_of_all_threads(all);
    be_active_until(all_cpus);
    std::printf("%d\n", twill::worker_count());
    return 0;
}

// The main thread alone is pinned, for longer than the runtime takes to look.
int follow_main(const std::vector<std::string>& /*arguments*/) {
    on_runtime_thread([] {});
    const int before = awake_limit();
    const cpu_set_t one = first_of(own_mask());
    sched_setaffinity(0, sizeof one, &one);
    const auto deadline = clock_type::now() + std::chrono::milliseconds(1500);
    while (clock_type::now() < deadline) {
        together();
    }
    std::printf("%d\n", awake_limit() - before);
    return 0;
}

} // namespace

const std::vector<named_scenario>& follow_scenarios() {
    static const std::vector<named_scenario> all{{"follow_all", follow_all},
                                                 {"follow_main", follow_main}};
    return all;
}
