// SPDX-License-Identifier: Apache-2.0
// conformance_child SCENARIO [ARGUMENT...]: what the tests want to see happen in a process of its
// own.
#include "scenario.hpp"

#include <cstdio>

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    for (const auto* scenarios :
         {&active_scenarios(), &environment_scenarios(), &exit_scenarios(), &follow_scenarios(),
          &fork_scenarios(), &misuse_scenarios(), &overflow_scenarios(), &per_thread_scenarios(),
          &reducer_scenarios(), &watchdog_scenarios()}) {
        for (const named_scenario& one : *scenarios) {
            if (!words.empty() && words[0] == one.name) {
                return one.run({words.begin() + 1, words.end()});
            }
        }
    }
    std::fprintf(stderr, "conformance_child: no such scenario\n");
    return 126;
}
