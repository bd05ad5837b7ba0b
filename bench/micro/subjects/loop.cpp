// SPDX-License-Identifier: Apache-2.0
#include "micro/subjects/subjects.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace bench::subjects {
namespace {

constexpr long batch = 16;
constexpr int sizes[] = {1, 10, 1000, 10'000};

/// An element that does nothing and that no compiler takes out of the loop.
inline void touch(int i) noexcept { asm volatile("" : : "r"(i)); }

struct serial {
    template <class Body>
    void operator()(int n, Body body) const {
        for (int i = 0; i < n; ++i) {
            body(i);
        }
    }
};

struct parallel {
    template <class Body>
    void operator()(int n, Body body) const {
        twill::parallel_for(0, n, body);
    }
};

template <class Loop>
void loops(benchmark::State& state, Loop loop) {
    const int n = static_cast<int>(state.range(0));
    std::vector<char> seen(static_cast<std::size_t>(n));
    loop(n, [&](int i) { ++seen[static_cast<std::size_t>(i)]; });
    if (std::count(seen.begin(), seen.end(), 1) != n) {
        fail(state, "an element ran not once");
        return;
    }
    while (state.KeepRunningBatch(batch)) {
        for (long k = 0; k < batch; ++k) {
            loop(n, [](int i) { touch(i); });
        }
    }
}

void alone(benchmark::State& state) {
    twill::runtime one({.workers = 1});
    one.run([&] { loops(state, parallel{}); });
}

} // namespace

void add_loop() {
    const auto add = [](const std::string& name, auto body) {
        auto* const added = benchmark::RegisterBenchmark(name.c_str(), body)->UseRealTime();
        for (const int n : sizes) {
            added->Arg(n);
        }
    };
    add("loop/serial", [](benchmark::State& state) { loops(state, serial{}); });
    add("loop/alone", alone);
    add("loop/inside", [](benchmark::State& state) { inside([&] { loops(state, parallel{}); }); });
    add("loop/outside", [](benchmark::State& state) { loops(state, parallel{}); });
}

} // namespace bench::subjects
