// SPDX-License-Identifier: Apache-2.0
// What twill_recorded_test.py records: submissions of three levels, kinds, regions, failing tasks,
// a blocking section. With an argument, a program that has a runtime of its own and never uses the
// default one.
#include <twill/kind.hpp>
#include <twill/region.hpp>
#include <twill/twill.hpp>

#include <stdexcept>
#include <thread>

namespace {

void spin(std::chrono::microseconds length) {
    const auto until = std::chrono::steady_clock::now() + length;
    while (std::chrono::steady_clock::now() < until) {
    }
}

void run_in_a_pool() {
    twill::runtime pool{{.workers = 2, .name = "pool"}};
    pool.run([] {
        for (int step = 0; step < 50; ++step) {
            twill::parallel_for(0, 100, [](int) { spin(std::chrono::microseconds(20)); });
        }
    });
}

} // namespace

int main(int argc, char** /*argv*/) {
    using std::chrono::microseconds;
    if (argc > 1) {
        run_in_a_pool();
        return 0;
    }
    const twill::kind light{"light"};
    const twill::kind heavy{"heavy"};
    const twill::kind bad{"bad"};
    twill::runtime beside{{.workers = 1}};
    const auto submit = [&beside](int count, twill::priority level, microseconds due) {
        for (int k = 0; k < count; ++k) {
            beside.submit([] { spin(microseconds(100)); }, level, twill::deadline(due)).get();
        }
    };
    twill::parallel_invoke(
        [] { twill::blocking([] { std::this_thread::sleep_for(std::chrono::milliseconds(5)); }); },
        [] {});
    const twill::region all{"all"};
    submit(2, twill::priority::high, microseconds(3'600'000'000));
    submit(3, twill::priority::normal, microseconds(3'600'000'000));
    submit(4, twill::priority::low, microseconds(0));
    for (int step = 0; step < 10; ++step) {
        const twill::region part{"step", twill::deadline(microseconds(0))};
        twill::parallel_for(0, 20, [](int) { spin(microseconds(50)); }, light);
        twill::task_group group;
        group.run([] { spin(microseconds(500)); }, heavy);
        group.wait();
        group.run([] { throw std::runtime_error("on purpose"); }, bad);
        try {
            group.wait();
        } catch (const std::runtime_error&) {
            continue;
        }
        return 1; // the exception was lost
    }
    return 0;
}
