// SPDX-License-Identifier: Apache-2.0
// Runtimes with workers of their own, and what was submitted to them.
#include "scenario.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <twill/twill.hpp>

namespace fault {

void runtimes() {
    for (int round = 0; round < 3; ++round) {
        std::atomic<int> left_alone{0};
        int put = 0;
        {
            // A name of its own for each, since each may complain once.
            const std::string number = std::to_string(round);
            twill::runtime first{{.workers = 3, .name = ("first" + number).c_str()}};
            twill::runtime second{{.workers = 2, .name = ("second" + number).c_str()}};
            expect(first.run([] { return fib(12); }) == 144, "a run()");
            expect(first.run([&] { return second.run([] { return fib(10); }); }) == 55,
                   "a run() inside another runtime");
            for (int k = 0; k < 200; ++k) {
                has_memory([&] {
                    twill::future<long> one = first.submit([k] { return fib(k % 10) * 0 + k; });
                    expect(one.get() == k, "the value of a future");
                });
                put += has_memory([&] {
                    // Nobody waits for this one.
                    twill::future<void> dropped = second.submit([&left_alone] { ++left_alone; });
                })
                           ? 1
                           : 0;
            }
            bool thrown = false;
            const bool submitted = has_memory([&] {
                twill::future<int> bad =
                    first.submit([]() -> int { throw std::runtime_error("task"); });
                try {
                    bad.get();
                } catch (const std::runtime_error&) {
                    thrown = true;
                }
            });
            expect(thrown == submitted, "the exception of a future");
        }
        expect(left_alone == put, "~runtime runs what nobody has taken");
    }
}

// Threads that are to keep to a CPU.
void placed() {
    twill::runtime rt{{.workers = 3, .name = "placed", .cores = {0}}};
    for (int round = 0; round < 20; ++round) {
        expect(rt.run([] { return fib(14); }) == 377, "a run() of placed threads");
    }
}

// Waits that run nothing themselves, so that there must be a thread at last.
void polled() {
    twill::runtime rt{{.workers = 2, .name = "polled"}};
    twill::future<int> one = rt.submit([] { return 42; });
    while (!one.wait_for(std::chrono::milliseconds(1))) {
    }
    expect(one.get() == 42, "the value of a future that was polled");
}

// With no thread at all: everything runs on the callers.
void alone() {
    const auto self = std::this_thread::get_id();
    std::atomic<int> elsewhere{0};
    std::atomic<int> ran{0};
    const auto task = [&] {
        ++ran;
        elsewhere += std::this_thread::get_id() == self ? 0 : 1;
    };
    twill::parallel_for(0, 100, [&](int) { task(); });
    twill::task_group group;
    for (int k = 0; k < 100; ++k) {
        group.run(task);
    }
    group.wait();
    {
        twill::runtime rt{{.workers = 3, .name = "alone"}};
        twill::future<void> waited_for = rt.submit(task);
        twill::future<void> polled = rt.submit(task);
        static_cast<void>(rt.submit(task));
        twill::future<void> in_run = rt.submit(task);
        rt.run([&] { in_run.get(); });
        waited_for.get();
        expect(!polled.wait_for(std::chrono::milliseconds(1)), "wait_for() runs nothing");
        expect(ran == 202, "get() runs what has not begun");
    }
    expect(ran == 204, "~runtime runs what nobody has taken");
    expect(elsewhere == 0, "everything runs on the caller");
}

} // namespace fault
