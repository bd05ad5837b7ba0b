// SPDX-License-Identifier: Apache-2.0
// set_active() while the affinity mask changes.
#include "scenario.hpp"

#include <cstdio>
#include <filesystem>
#include <sched.h>

namespace {

void set_mask_of_all_threads(const cpu_set_t& mask) {
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
        sched_setaffinity(std::stoi(entry.path().filename()), sizeof mask, &mask);
    }
}

int active_under_mask(const std::vector<std::string>& /*arguments*/) {
    cpu_set_t all;
    CPU_ZERO(&all);
    sched_getaffinity(0, sizeof all, &all);
    cpu_set_t one;
    CPU_ZERO(&one);
    for (unsigned cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++cpu) {
        if (CPU_ISSET(cpu, &all)) {
            CPU_SET(cpu, &one);
        }
    }
    twill::runtime rt; // the number of workers was not asked for, so one may be all
    const int workers = rt.worker_count();
    rt.run([] { on_runtime_thread([] {}); });
    std::printf("all: %d", rt.set_active(workers));
    std::printf(" %d", rt.set_active(1));
    std::printf(" %d\n", rt.set_active(workers + 1));
    set_mask_of_all_threads(one);
    std::printf("one: %d", rt.set_active(workers));
    std::printf(" %d\n", rt.set_active(1));
    set_mask_of_all_threads(all);
    std::printf("all: %d", rt.set_active(1));
    std::printf(" %d\n", rt.set_active(workers));
    return rt.worker_count() == workers ? 0 : 1;
}

} // namespace

const std::vector<named_scenario>& active_scenarios() {
    static const std::vector<named_scenario> all{{"active_under_mask", active_under_mask}};
    return all;
}
