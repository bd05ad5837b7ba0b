// SPDX-License-Identifier: Apache-2.0
#include "micro/subjects/subjects.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

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

template <body what>
void alone(benchmark::State& state) {
    twill::runtime one({.workers = 1});
    one.run([&] { what(state); });
}

template <body what>
void within(benchmark::State& state) {
    inside([&] { what(state); });
}

BENCHMARK(alone<run_and_execute>)->Name("group/run/alone")->UseRealTime();
BENCHMARK(within<run_and_execute>)->Name("group/run/inside")->UseRealTime();
BENCHMARK(run_and_execute)->Name("group/run/outside")->UseRealTime();
BENCHMARK(alone<one_task>)->Name("group/one_task/alone")->UseRealTime();
BENCHMARK(within<one_task>)->Name("group/one_task/inside")->UseRealTime();
BENCHMARK(one_task)->Name("group/one_task/outside")->UseRealTime();
BENCHMARK(alone<empty_wait>)->Name("group/empty_wait/alone")->UseRealTime();
BENCHMARK(within<empty_wait>)->Name("group/empty_wait/inside")->UseRealTime();
BENCHMARK(empty_wait)->Name("group/empty_wait/outside")->UseRealTime();

} // namespace
} // namespace bench::subjects
