// SPDX-License-Identifier: Apache-2.0
// Programs whose loads are known beforehand: each task computes until its thread's CPU clock has
// gone on by so much, whoever else has the core meanwhile.
#include "competitor.hpp"
#include "programs.hpp"
#include "support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace {

using std::chrono::nanoseconds;
using twill::load_window;
using twill_test::competitor;
using twill_test::own_cpu;

/// As in identity_test.cpp: a hypervisor takes time that nobody here can know, for a second or two
/// on end. So each attempt but the first is after a longer pause.
constexpr int attempts = 10;
constexpr std::chrono::milliseconds pause(100);

/// The useful time of every worker as the tasks know it.
class known_loads {
public:
    known_loads() : of_(static_cast<std::size_t>(twill::worker_count())) {}

    /// A task of `length`, from its begin to its end on one worker.
    void spin(nanoseconds length) {
        const std::int64_t end = own_cpu() + length.count();
        while (own_cpu() < end) {
            twill_test::keep(twill_test::work(200));
        }
        of_[static_cast<std::size_t>(twill::this_worker())].fetch_add(length.count());
    }
    [[nodiscard]] nanoseconds of(std::size_t worker) const { return nanoseconds(of_[worker]); }
    [[nodiscard]] std::size_t workers() const { return of_.size(); }

private:
    std::vector<std::atomic<std::int64_t>> of_;
};

/// The largest error of S and of each p_j, as a share of S and of p_j; of a worker that had less
/// than a twentieth of all as a share of that.
struct errors {
    double sum = 0;
    double of_a_worker = 0;
    [[nodiscard]] double largest() const { return std::max(sum, of_a_worker); }
};

errors of(const load_window& window, const known_loads& known, nanoseconds all) {
    errors result;
    const auto whole = static_cast<double>(all.count());
    result.sum = std::abs(static_cast<double>((window.total_load() - all).count())) / whole;
    for (std::size_t j = 0; j < known.workers(); ++j) {
        // What a thread does above the limit is on its number, in a column of its own.
        const nanoseconds told = window.workers[j].useful + window.workers[j].over;
        const auto truth = static_cast<double>(known.of(j).count());
        result.of_a_worker =
            std::max(result.of_a_worker, std::abs(static_cast<double>(told.count()) - truth) /
                                             std::max(truth, whole / 20));
    }
    return result;
}

/// `body` runs tasks of `all` in sum.
void expect_known(nanoseconds all, const std::function<void(known_loads&)>& body) {
    twill_test::fib(15);
    errors best{1, 1};
    std::string told;
    for (int attempt = 0; attempt < attempts && best.largest() > 0.01; ++attempt) {
        std::this_thread::sleep_for(attempt * pause);
        known_loads known;
        const twill::load_snapshot before = twill::load();
        body(known);
        const errors found = of(twill::load() - before, known, all);
        told += "S is wrong by " + std::to_string(100 * found.sum) + " %, a worker's load by " +
                std::to_string(100 * found.of_a_worker) + " %\n";
        if (found.largest() < best.largest()) {
            best = found;
        }
    }
    EXPECT_LE(best.sum, 0.01) << told;
    EXPECT_LE(best.of_a_worker, 0.01) << told;
    if (std::getenv("CONFORMANCE_LONG") != nullptr) {
        std::fputs(told.c_str(), stdout);
    }
}

nanoseconds scaled(int microseconds) {
    return std::chrono::microseconds(twill_test::usual_or_long(microseconds, microseconds * 10));
}

void expect_all_known() {
    {
        SCOPED_TRACE("equal tasks of a loop");
        const nanoseconds each = scaled(1000);
        expect_known(100 * each, [each](known_loads& known) {
            twill::parallel_for(0, 100, [&known, each](int) { known.spin(each); });
        });
    }
    {
        SCOPED_TRACE("tasks of a group, the last one as long as 60 others");
        const nanoseconds each = scaled(500);
        expect_known((140 + 60) * each, [each](known_loads& known) {
            twill::task_group tasks;
            for (int k = 0; k < 140; ++k) {
                tasks.run([&known, each] { known.spin(each); });
            }
            tasks.run([&known, each] { known.spin(60 * each); });
            tasks.wait();
        });
    }
    {
        SCOPED_TRACE("a tree of forks with work in its leaves");
        const nanoseconds each = scaled(700);
        expect_known(128 * each, [each](known_loads& known) {
            const std::function<void(int)> tree = [&](int depth) {
                if (depth == 0) {
                    known.spin(each);
                } else {
                    twill::parallel_invoke([&] { tree(depth - 1); }, [&] { tree(depth - 1); });
                }
            };
            tree(7);
        });
    }
}

/// A sanitizer's own work is useful time that no task knows of.
constexpr bool sanitized = twill_test::thread_sanitizer || twill_test::address_sanitizer;

TEST(truth, of_loads) {
    if (sanitized) {
        GTEST_SKIP() << "a sanitizer's own work counts";
    }
    expect_all_known();
}

TEST(truth, of_loads_beside_a_competing_program) {
    if (sanitized) {
        GTEST_SKIP() << "a sanitizer's own work counts";
    }
    const competitor other;
    ASSERT_TRUE(other.runs());
    if (!twill::load().since_start.total().preempted) {
        twill_test::fib(20);
        if (!twill::load().since_start.total().preempted) {
            GTEST_SKIP() << "the system does not tell the run delay of threads";
        }
    }
    expect_all_known();
}

} // namespace
