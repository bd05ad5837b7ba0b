// SPDX-License-Identifier: Apache-2.0
#include "micro/subjects/subjects.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>

namespace bench::subjects {
namespace {

/// One thread puts a thousand tasks in, one by one, and waits for them: the time of one task, with
/// its share of the wait.
void run_and_execute(benchmark::State& state) {
    std::array<long, 1000> ran{};
    long rounds = 0;
    while (state.KeepRunningBatch(ran.size())) {
        ++rounds;
        twill::task_group group;
        for (long& slot : ran) {
            group.run([rounds, &slot] { slot += rounds; });
        }
        group.wait();
    }
    const long expected = rounds * (rounds + 1) / 2;
    if (std::any_of(ran.begin(), ran.end(), [=](long sum) { return sum != expected; })) {
        fail(state, "a task ran not once");
    }
}

/// A group for one task.
void one_task(benchmark::State& state) {
    long ran = 0;
    for ([[maybe_unused]] auto _ : state) {
        twill::task_group group;
        group.run([&ran] { ++ran; });
        group.wait();
    }
    if (ran != state.iterations()) {
        fail(state, "a task ran not once");
    }
}

void empty_wait(benchmark::State& state) {
    twill::task_group group;
    for ([[maybe_unused]] auto _ : state) {
        group.wait();
    }
}

using body = void (*)(benchmark::State& state);

void add(const char* where, void (*run)(benchmark::State& state, body what)) {
    for (const auto& [what, name] : {std::pair<body, const char*>{run_and_execute, "run"},
                                     {one_task, "one_task"},
                                     {empty_wait, "empty_wait"}}) {
        const std::string full = std::string("group/") + name + "/" + where;
        benchmark::RegisterBenchmark(full.c_str(), run, what)->UseRealTime();
    }
}

} // namespace

void add_group() {
    add("alone", [](benchmark::State& state, body what) {
        twill::runtime one({.workers = 1});
        one.run([&] { what(state); });
    });
    add("inside", [](benchmark::State& state, body what) { inside([&] { what(state); }); });
    add("outside", [](benchmark::State& state, body what) { what(state); });
}

} // namespace bench::subjects
