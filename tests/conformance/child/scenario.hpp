// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <twill/twill.hpp>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

/// A scenario is what one child process does; it gets the arguments after its name. Its result is
/// the exit code.
using scenario = int (*)(const std::vector<std::string>& arguments);

struct named_scenario {
    const char* name;
    scenario run;
};

// One list for each file beside this header.
const std::vector<named_scenario>& active_scenarios();
const std::vector<named_scenario>& environment_scenarios();
const std::vector<named_scenario>& exit_scenarios();
const std::vector<named_scenario>& follow_scenarios();
const std::vector<named_scenario>& fork_scenarios();
const std::vector<named_scenario>& misuse_scenarios();
const std::vector<named_scenario>& overflow_scenarios();
const std::vector<named_scenario>& per_thread_scenarios();
const std::vector<named_scenario>& reducer_scenarios();
const std::vector<named_scenario>& watchdog_scenarios();

/// Runs `task` on a thread of the runtime, not on the caller's own: the caller forks until somebody
/// has come. With one worker nobody comes.
template <class Task>
void on_runtime_thread(Task task) {
    std::atomic<bool> begun{false};
    const auto caller = std::this_thread::get_id();
    twill::parallel_invoke(
        [&] {
            while (!begun) {
                twill::parallel_invoke([] {}, [] {});
            }
        },
        [&] {
            begun = true;
            if (std::this_thread::get_id() != caller) {
                task();
            }
        });
}
