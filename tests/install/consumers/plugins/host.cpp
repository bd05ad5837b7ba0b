// SPDX-License-Identifier: Apache-2.0
// host PLUGIN PLUGIN: on every thread of the runtime the executable and both plug-ins see the same
// hot state and the same worker, and a fork of a plug-in is stolen, inside a task and outside.
#include "opened.hpp"

#include <twill/twill.hpp>

#include <atomic>

namespace {

std::atomic<int> wrong = 0;

void expect(bool holds, const char* what) {
    if (!holds) {
        std::fprintf(stderr, "wrong: %s, on worker %d\n", what, twill::this_worker());
        ++wrong;
    }
}

void compare(const opened& one, const opened& other) {
    const void* own = &twill::detail::hot();
    expect(one.hot_state() == own && other.hot_state() == own, "the hot state");
    const int worker = twill::this_worker();
    expect(one.worker() == worker && other.worker() == worker, "the worker");
}

} // namespace

int main(int count, char** arguments) {
    if (count != 3) {
        return 2;
    }
    const opened one(arguments[1]);
    const opened other(arguments[2]);

    compare(one, other);
    expect(one.fork_is_stolen(), "the first plug-in's fork, from outside");
    expect(other.fork_is_stolen(), "the second plug-in's fork, from outside");

    // Two threads are in the tasks at the same time: each waits for the other.
    std::atomic<int> inside = 0;
    const auto task = [&] {
        ++inside;
        while (inside < 2) {
            twill::parallel_invoke([] {}, [] {});
        }
        expect(twill::this_worker() >= 0, "a task has a worker");
        compare(one, other);
    };
    twill::parallel_invoke(task, task);
    // The second worker is free for a theft.
    twill::parallel_invoke([&] { expect(one.fork_is_stolen(), "the first plug-in's, in a task"); },
                           [] {});
    twill::parallel_invoke([] {},
                           [&] { expect(other.fork_is_stolen(), "the second's, in a task"); });
    return wrong == 0 ? 0 : 1;
}
