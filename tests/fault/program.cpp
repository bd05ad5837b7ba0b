// SPDX-License-Identifier: Apache-2.0
// fault_program [--wait] [--refuse RULE]... SCENARIO...: work that checks itself, on a system that
// fails. Prints how many calls were refused and "ok".
#include "scenario.hpp"

#include <array>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <sys/prctl.h>
#include <twill/twill.hpp>
#include <unistd.h>

namespace fault {

namespace {

std::atomic<int> wrong{0};

struct named {
    std::string_view name;
    void (*run)();
};
constexpr std::array scenarios{
    named{"verbs", verbs},   named{"groups", groups},     named{"values", values},
    named{"guests", guests}, named{"blocking", blocking}, named{"dependent", dependent},
    named{"capped", capped}, named{"runtimes", runtimes}, named{"placed", placed},
    named{"polled", polled}, named{"alone", alone}};

/// Until somebody has put himself between this process and the system.
void wait_for_tracer() {
    prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
    std::puts("ready");
    std::fflush(stdout);
    char go = 0;
    while (read(STDIN_FILENO, &go, 1) < 0) {
    }
}

int run(int argc, char** argv) {
    bool waits = false;
    for (int k = 1; k < argc; ++k) {
        if (std::strcmp(argv[k], "--refuse") == 0 && k + 1 < argc) {
            if (!refusals::add(argv[++k])) {
                std::fprintf(stderr, "fault_program: no such rule: %s\n", argv[k]);
                return 2;
            }
            continue;
        }
        if (std::strcmp(argv[k], "--wait") == 0) {
            waits = true;
        }
    }
    if (waits) {
        wait_for_tracer();
    }
    refusals::arm();
    for (int k = 1; k < argc; ++k) {
        for (const named& one : scenarios) {
            if (one.name == argv[k]) {
                has_memory(one.run);
            }
        }
    }
    const refusals::spared own;
    std::printf("refused %d\n", refusals::count());
    std::puts(wrong == 0 ? "ok" : "wrong");
    return wrong == 0 ? 0 : 1;
}

} // namespace

void expect(bool holds, const char* what) {
    if (!holds && wrong.fetch_add(1) == 0) {
        std::fprintf(stderr, "does not hold: %s\n", what);
    }
}

} // namespace fault

int main(int argc, char** argv) { return fault::run(argc, argv); }
