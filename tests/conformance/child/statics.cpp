// SPDX-License-Identifier: Apache-2.0
// conformance_child_statics: Twill before main() and after it. A program of its own, since what
// begins before main() is in use in all that follows.
#include <twill/twill.hpp>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <thread>

namespace {

std::atomic<int> ran_in_group{0};
std::atomic<int> ran_in_runtime{0};

void put_hundred(twill::task_group& group) {
    for (int k = 0; k < 100; ++k) {
        group.run([] {
            twill::parallel_invoke(
                [] { std::this_thread::sleep_for(std::chrono::microseconds(10)); }, [] {});
            ++ran_in_group;
        });
    }
}

constexpr int expected_sum = 142 * 21 + 15 + 1; // 1000 = 142 * 7 + 6

int sum_by_verbs() {
    const auto [a, b] = twill::parallel_invoke(
        [] {
            return twill::parallel_reduce(0, 1000, 0, [](int i) { return i % 7; }, std::plus<>());
        },
        [] { return 1; });
    return a + b;
}

int sum_in_group() {
    std::atomic<int> sum{0};
    twill::task_group group;
    for (int k = 0; k < 100; ++k) {
        group.run([&sum, k] { sum += k; });
    }
    group.wait();
    return sum;
}

void say(const char* when, twill::runtime* rt) {
    std::printf("%s: %d %d", when, sum_by_verbs(), sum_in_group());
    if (rt != nullptr) {
        const int inside = rt->run([] { return sum_by_verbs() + sum_in_group(); });
        std::printf(" %d %d", inside, rt->submit([] { return sum_by_verbs(); }).get());
    }
    std::printf("\n");
    std::fflush(stdout);
}

struct says {
    const char* name;
    twill::runtime* runtime;
    says(const char* its_name, twill::runtime* its_runtime) : name(its_name), runtime(its_runtime) {
        say(name, runtime);
    }
    says(const says&) = delete;
    says& operator=(const says&) = delete;
    ~says() { say(name, runtime); }
};

struct says_how_many_ran {
    ~says_how_many_ran() {
        std::printf("ran: %d %d\n", ran_in_group.load(), ran_in_runtime.load());
    }
};

/// A thread that uses verbs from before main() until after it.
class all_the_time {
public:
    all_the_time() = default;
    all_the_time(const all_the_time&) = delete;
    all_the_time& operator=(const all_the_time&) = delete;
    ~all_the_time() {
        stop_ = true;
        thread_.join();
        std::printf("wrong: %d\n", wrong_.load());
    }

private:
    std::atomic<bool> stop_{false};
    std::atomic<int> wrong_{0};
    std::thread thread_{[this] {
        while (!stop_) {
            wrong_ += sum_by_verbs() == expected_sum ? 0 : 1;
        }
    }};
};

// Made in this order, and destroyed in the opposite one. What a group or a runtime has been given
// is waited for when it is destroyed.
const says_how_many_ran at_last;
const all_the_time beside;
const says older("older", nullptr);
twill::runtime own{{.workers = 2, .name = "early"}};
const says younger("younger", &own);
twill::task_group group;

const bool handed_in = [] {
    put_hundred(group);
    static_cast<void>(own.submit([] { ++ran_in_runtime; }));
    return true;
}();

} // namespace

int main() {
    say("main", &own);
    group.wait();
    std::printf("group: %d\n", ran_in_group.load());
    put_hundred(group);
    for (int k = 0; k < 100; ++k) {
        static_cast<void>(own.submit([] {
            std::this_thread::sleep_for(std::chrono::microseconds(10));
            ++ran_in_runtime;
        }));
    }
    return handed_in ? 0 : 1;
}
