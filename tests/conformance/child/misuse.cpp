// SPDX-License-Identifier: Apache-2.0
// Programs that end because they do what they must not, and one that goes too far.
#include "scenario.hpp"

#include <cstdio>
#include <stdexcept>

namespace {

int group_unseen_exception(const std::vector<std::string>& /*arguments*/) {
    twill::task_group group;
    group.run([] { throw std::runtime_error("nobody looks"); });
    return 0;
}

int runtime_ends_in_own_task(const std::vector<std::string>& arguments) {
    auto* const rt = new twill::runtime{{.workers = 2}}; // NOLINT: deleted by its task
    const auto end = [rt] { delete rt; };
    if (arguments.at(0) == "run") {
        rt->run(end);
    } else if (arguments.at(0) == "submit") {
        rt->submit(end).get();
    } else if (arguments.at(0) == "blocking") {
        rt->run([&end] { twill::blocking(end); });
    } else {
        twill::runtime between{{.workers = 1}};
        rt->run([&between, &end] { between.run(end); });
    }
    return 0;
}

int thread_hook_waits(const std::vector<std::string>& arguments) {
    const auto hook = [] { twill::blocking([] {}); };
    const bool at_start = arguments.at(0) == "start";
    twill::runtime rt{
        {.workers = 2,
         .on_thread_start = at_start ? twill::thread_hook(hook) : twill::thread_hook(),
         .on_thread_stop = at_start ? twill::thread_hook() : twill::thread_hook(hook)}};
    std::atomic<bool> begun{false};
    rt.run([&begun] {
        twill::parallel_invoke(
            [&begun] {
                while (!begun) { // nothing else makes a thread for sure
                    twill::parallel_invoke([] {}, [] {});
                }
            },
            [&begun] { begun = true; });
    });
    return 0;
}

int deadline_callback_throws(const std::vector<std::string>& /*arguments*/) {
    twill::runtime rt{{.workers = 1}};
    rt.submit([] {},
              twill::deadline(std::chrono::milliseconds(-1),
                              [](std::chrono::nanoseconds) { throw std::runtime_error("late"); }))
        .get();
    return 0;
}

/// Sections that wait for nobody: prints how many there were and how many at the same time.
int blocking_sections(const std::vector<std::string>& arguments) {
    std::atomic<int> ran{0};
    std::atomic<int> inside{0};
    std::atomic<int> most{0};
    twill::parallel_for(0, std::stoi(arguments.at(0)), [&](int) {
        twill::blocking([&] {
            const int now = ++inside;
            int seen = most;
            while (seen < now && !most.compare_exchange_weak(seen, now)) {
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
            --inside;
            ++ran;
        });
    });
    std::printf("%d %d\n", ran.load(), most.load());
    return 0;
}

} // namespace

const std::vector<named_scenario>& misuse_scenarios() {
    static const std::vector<named_scenario> all{
        {"group_unseen_exception", group_unseen_exception},
        {"runtime_ends_in_own_task", runtime_ends_in_own_task},
        {"thread_hook_waits", thread_hook_waits},
        {"deadline_callback_throws", deadline_callback_throws},
        {"blocking_sections", blocking_sections}};
    return all;
}
