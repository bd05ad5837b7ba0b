// SPDX-License-Identifier: Apache-2.0
// Threads from outside, and tasks that wait for something else than tasks.
#include "scenario.hpp"

#include <atomic>
#include <chrono>
#include <future>
#include <mutex>
#include <twill/twill.hpp>

namespace fault {

namespace {

using namespace std::chrono_literals;

/// How many threads are inside at the same time, at the most.
class gauge {
public:
    void enter() {
        const int now = ++inside_;
        int seen = most_;
        while (seen < now && !most_.compare_exchange_weak(seen, now)) {
        }
    }
    void leave() { --inside_; }
    [[nodiscard]] int most() const { return most_; }

private:
    std::atomic<int> inside_{0};
    std::atomic<int> most_{0};
};

} // namespace

void guests() {
    std::atomic<int> done{0};
    const auto work = [&done] {
        expect(fib(12) == 144, "forks of a guest");
        std::atomic<int> elements{0};
        twill::parallel_for(0, 200, [&](int) { ++elements; });
        twill::task_group group;
        for (int k = 0; k < 50; ++k) {
            if (!has_memory([&] { group.run([&elements] { ++elements; }); })) {
                ++elements;
            }
        }
        group.wait();
        expect(elements == 250, "a loop and a group of a guest");
        ++done;
    };
    std::size_t started = 0;
    {
        crowd threads(24);
        for (int k = 0; k < 24; ++k) {
            threads.add(work);
        }
        work();
        started = threads.size() + 1;
    }
    expect(done == static_cast<int>(started), "every guest comes back");
}

// Sections that wait for nobody, with verbs inside.
void blocking() {
    std::atomic<int> done{0};
    twill::parallel_for(0, 60, [&](int k) {
        const long got = twill::blocking([k] {
            std::this_thread::sleep_for(std::chrono::microseconds(100 * (k % 3)));
            return fib(8);
        });
        done += got == 21 ? 1 : 0;
    });
    expect(done == 60, "sections come back");
}

// Sections that wait for another task, so that there must be a second thread.
void dependent() {
    for (int round = 0; round < 20; ++round) {
        std::promise<int> promise;
        std::future<int> answer = promise.get_future();
        int got = 0;
        twill::parallel_invoke([&] { got = twill::blocking([&] { return answer.get(); }); },
                               [&] { promise.set_value(42); });
        expect(got == 42, "the value of a sibling");
    }
}

// With TWILL_WORKERS=2 and TWILL_MAX_BLOCKED=4: two threads may be in a section with their places,
// four without.
void capped() {
    gauge sections;
    gauge tasks;
    std::atomic<int> done{0};
    const auto work = [&] {
        twill::parallel_for(0, 8, [&](int) {
            tasks.enter();
            tasks.leave();
            twill::blocking([&] {
                sections.enter();
                std::this_thread::sleep_for(2ms);
                sections.leave();
            });
            ++done;
        });
    };
    std::size_t started = 0;
    {
        crowd threads(16);
        for (int k = 0; k < 16; ++k) {
            threads.add(work);
        }
        work();
        started = threads.size() + 1;
    }
    expect(done == 8 * static_cast<int>(started), "capped sections come back");
    expect(sections.most() <= 2 + 4 + 1, "no more sections at a time than may be");
}

} // namespace fault
