// SPDX-License-Identifier: Apache-2.0
// Reducers that go too early, and in the last destructors.
#include "scenario.hpp"

#include <cstdio>
#include <memory>

namespace {

// The second half has a view on another thread when the first one destroys the reducer.
int reducer_destroyed_too_early(const std::vector<std::string>& /*arguments*/) {
    auto sum = std::make_unique<twill::sum_reducer<int>>();
    std::atomic<bool> used{false};
    twill::parallel_invoke(
        [&] {
            while (!used) {
                twill::parallel_invoke([] {}, [] {});
            }
            sum.reset();
        },
        [&] {
            **sum += 1;
            used = true;
        });
    return 1;
}

twill::append_reducer<std::string> of_program;

struct adds_when_destroyed {
    bool armed = false;
    adds_when_destroyed() = default;
    adds_when_destroyed(const adds_when_destroyed&) = delete;
    adds_when_destroyed& operator=(const adds_when_destroyed&) = delete;
    ~adds_when_destroyed() {
        if (armed) {
            twill::parallel_for('a', 'f', [](char c) { of_program->push_back(c); });
            std::printf("%s\n", of_program->c_str());
            std::fflush(stdout);
        }
    }
};
adds_when_destroyed younger;

int reducer_in_statics(const std::vector<std::string>& /*arguments*/) {
    younger.armed = true;
    twill::parallel_for('A', 'F', [](char c) { of_program->push_back(c); });
    return 0;
}

} // namespace

const std::vector<named_scenario>& reducer_scenarios() {
    static const std::vector<named_scenario> all{
        {"reducer_destroyed_too_early", reducer_destroyed_too_early},
        {"reducer_in_statics", reducer_in_statics}};
    return all;
}
