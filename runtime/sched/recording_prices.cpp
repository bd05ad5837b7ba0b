// SPDX-License-Identifier: Apache-2.0
#include "os/clock.hpp"
#include "sched/recording.hpp"
#include "twill/parallel_invoke.hpp"
#include "twill/runtime.hpp"
#include "twill/task_group.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <limits>
#include <thread>
#include <vector>

namespace twill::sched {

namespace {

constexpr int steals = 15;
constexpr int wakes = 3;
constexpr int tasks = 300;
constexpr int rounds = 24;
/// Time passes between every so many of them, in all more than a neighbour's time slice.
constexpr int rounds_at_once = 4;
constexpr std::chrono::milliseconds apart(1);
/// Of the work of a task, each of which waits for the one before: about 50 ns.
constexpr int steps = 48;
/// How long a sample may take, in microseconds: whoever is slower has lost its core.
constexpr double longest_steal_us = 200;
constexpr double longest_wake_us = 2000;
/// After so long an idle thread sleeps for certain.
constexpr double asleep_after_us = 150;

void spin_for(std::uint64_t length) noexcept {
    for (const std::uint64_t since = detail::ticks(); detail::ticks() - since < length;) {
        detail::pause();
    }
}

// A fork whose first callable waits for the other one to begin elsewhere: how long that takes, in
// ticks; 0 if it did not happen within `longest`.
std::uint64_t begun_elsewhere_after(std::uint64_t longest) {
    // Somebody has asked, or sleeps: only then the fork publishes.
    for (const std::uint64_t since = detail::ticks();
         !detail::attended() && detail::ticks() - since < longest;) {
        detail::pause();
    }
    detail::atomic<std::uint64_t> begun{0};
    const std::uint64_t from = detail::ticks();
    std::uint64_t took = 0;
    twill::parallel_invoke(
        [&] {
            while (begun.load(detail::relaxed) == 0 && detail::ticks() - from < longest) {
                detail::pause();
            }
            const std::uint64_t at = begun.load(detail::relaxed);
            took = at > from ? at - from : 0;
        },
        [&] { begun.store(detail::ticks(), detail::relaxed); });
    return took;
}

// The median of the samples that there are, in nanoseconds.
std::int64_t median(std::vector<std::uint64_t>& samples) {
    std::erase(samples, 0u);
    if (samples.empty()) {
        return 0;
    }
    const auto middle = samples.begin() + static_cast<std::ptrdiff_t>(samples.size() / 2);
    std::nth_element(samples.begin(), middle, samples.end());
    return static_cast<std::int64_t>(os::nanoseconds_from_ticks(*middle));
}

void measure_steal_and_wake(task_prices& prices) {
    twill::runtime two({.workers = 2, .name = "twill-measure"});
    two.run([&prices] {
        const std::uint64_t longest_steal = os::ticks_from_microseconds(longest_steal_us);
        const std::uint64_t longest_wake = os::ticks_from_microseconds(longest_wake_us);
        begun_elsewhere_after(longest_wake); // makes the thread
        std::vector<std::uint64_t> stolen;
        for (int k = 0; k < steals; ++k) {
            stolen.push_back(begun_elsewhere_after(longest_steal));
        }
        prices.steal = median(stolen);
        std::vector<std::uint64_t> woken;
        for (int k = 0; k < wakes; ++k) {
            spin_for(os::ticks_from_microseconds(asleep_after_us));
            woken.push_back(begun_elsewhere_after(longest_wake));
        }
        const std::int64_t both = median(woken);
        prices.wake = both > prices.steal ? both - prices.steal : both;
    });
}

// The work of a task.
[[gnu::noinline]] std::uint64_t work_from(std::uint64_t start) noexcept {
    std::uint64_t state = start;
    for (int k = 0; k < steps; ++k) {
        state = state * 6364136223846793005u + 1442695040888963407u; // Knuth, MMIX
    }
    return state;
}

// Calls `body` once for each task, in a loop or as tasks.
template <class Body>
void call_each(Body body) {
    for (std::uint64_t k = 0; k < tasks; ++k) {
        body(k);
    }
}
template <class Body>
void run_each(Body body) {
    twill::task_group group;
    for (std::uint64_t k = 0; k < tasks; ++k) {
        group.run([k, &body] { body(k); });
    }
    group.wait();
}

template <class All>
std::uint64_t ticks_for(All all) {
    const std::uint64_t from = detail::ticks();
    all();
    return detail::ticks() - from;
}

// Of several rounds the shortest, in ticks.
class shortest {
public:
    void add(std::uint64_t round) noexcept { least_ = std::min(least_, round); }
    // For each task, in nanoseconds.
    [[nodiscard]] double each() const noexcept {
        return os::nanoseconds_from_ticks(least_) / tasks;
    }

private:
    std::uint64_t least_ = std::numeric_limits<std::uint64_t>::max();
};

// Whatever disturbs a round makes it longer, a neighbour on the same core for milliseconds, so the
// shortest counts, of some that are spread out; and the rounds of all four take turns, so that they
// see the same machine.
void measure_task(task_prices& prices) {
    twill::runtime one({.workers = 1, .name = "twill-measure"});
    one.run([&prices] {
        std::uint64_t sum = 0;
        std::uint64_t state = 1;
        const auto beside = [&sum](std::uint64_t start) { sum += work_from(start); };
        const auto in_turn = [&state](std::uint64_t) { state = work_from(state); };
        shortest called;
        shortest run;
        shortest takes;
        shortest shown;
        for (int round = 0; round < rounds; ++round) {
            if (round % rounds_at_once == 0) {
                std::this_thread::sleep_for(apart);
            }
            called.add(ticks_for([&] { call_each(beside); }));
            run.add(ticks_for([&] { run_each(beside); }));
            takes.add(ticks_for([&] { call_each(in_turn); }));
            std::uint64_t inside = 0;
            run_each([&](std::uint64_t number) { inside += ticks_for([&] { in_turn(number); }); });
            shown.add(inside);
        }
        prices.task = std::max(run.each() - called.each(), 0.0);
        prices.clock_ahead = std::max(takes.each() - shown.each(), 0.0);
    });
}

} // namespace

task_prices measure_prices() noexcept {
    task_prices prices;
    try {
        measure_steal_and_wake(prices);
        measure_task(prices);
    } catch (const std::exception&) {
        return prices; // no memory, no threads: what there is
    }
    return prices;
}

} // namespace twill::sched
