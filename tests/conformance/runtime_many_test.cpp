// SPDX-License-Identifier: Apache-2.0
// Thousands of threads use one runtime, in waves so large that a thread each for all of them would
// not do: how many tasks run at a time, and what load() says of those above the limit.
#include "process.hpp"
#include "support.hpp"

#include <chrono>
#include <latch>
#include <mutex>

namespace {

using namespace twill_test;
using clock_type = std::chrono::steady_clock;

constexpr int workers = 3;

/// Calls `body(number)` on a thread for each number.
template <class Body>
void in_waves(Body body) {
    const int wave = usual_or_long(200, 500);
    const int waves = usual_or_long(10, 20);
    for (int k = 0; k < waves; ++k) {
        on_threads(wave, [&](int number) { body(k * wave + number); });
    }
}
long sum_of_waves() {
    const long all = long{usual_or_long(200, 500)} * usual_or_long(10, 20);
    return all * (all - 1) / 2;
}

TEST(runtime, takes_many_threads_at_a_time) {
    twill::runtime rt{{.workers = workers}};
    std::atomic<int> running{0};
    std::atomic<int> most{0};
    std::atomic<long> sum{0};
    const auto task = [&](int value) {
        raise_to(most, ++running);
        keep(work(1000));
        --running;
        return value;
    };
    in_waves([&](int number) {
        twill::future<int> later = rt.submit([&] { return task(number); });
        sum += rt.run([&] { return task(number); });
        sum += later.get();
    });
    EXPECT_EQ(sum, 2 * sum_of_waves());
    EXPECT_LE(most, workers);
    EXPECT_EQ(rt.load().since_start.total().over.count(), 0);
}

/// Counts tasks between their beginnings, waits and ends.
class watched {
public:
    explicit watched(int limit) : limit_(limit) {}

    void begin() { change(1, 0); }
    void wait_begins(bool resumed) { change(resumed ? 0 : -1, resumed ? -1 : 0); }
    void resume() { change(0, 1); }
    void end(bool resumed) { wait_begins(resumed); }

    /// The most that ran at a time of those that had not waited yet.
    [[nodiscard]] int most_begun() const { return most_begun_; }
    /// The most that ran at a time of all.
    [[nodiscard]] int most() const { return most_; }
    /// For how long more ran than the limit, times how many.
    [[nodiscard]] std::chrono::nanoseconds above() const { return above_; }

private:
    void change(int begun, int resumed) {
        const std::lock_guard guard(lock_);
        const auto now = clock_type::now();
        above_ += std::max(begun_ + resumed_ - limit_, 0) * (now - since_);
        since_ = now;
        begun_ += begun;
        resumed_ += resumed;
        most_begun_ = std::max(most_begun_, begun_);
        most_ = std::max(most_, begun_ + resumed_);
    }

    const int limit_;
    std::mutex lock_;
    // guarded by the lock
    int begun_ = 0;
    int resumed_ = 0;
    int most_begun_ = 0;
    int most_ = 0;
    clock_type::time_point since_;
    std::chrono::nanoseconds above_{};
};

/// Waits in a section until a sibling has begun elsewhere, and then in a join for its end. What
/// comes after a wait runs at once, above the limit if need be. The sleeps are parts of tasks that
/// leave the cores to others, so that threads above the limit run with little delay.
void waits_twice(watched& all) {
    using std::chrono::milliseconds;
    all.begin();
    std::latch sibling(1);
    twill::parallel_invoke(
        [&] {
            all.wait_begins(false);
            twill::blocking([&] { sibling.wait(); });
            all.resume();
            std::this_thread::sleep_for(milliseconds(1));
            all.wait_begins(true); // the join comes next
        },
        [&] {
            all.begin();
            sibling.count_down();
            std::this_thread::sleep_for(milliseconds(2));
            all.end(false);
        });
    all.resume();
    std::this_thread::sleep_for(milliseconds(1));
    all.end(true);
}

// Every fourth task waits. At each moment in which more threads are seen in tasks than there are
// workers, load() has counted no fewer above the limit, but for those that had no core. On a
// machine with little else to do that is no exception.
TEST(runtime, takes_many_threads_that_wait_at_a_time) {
    ASSERT_TRUE(eventually([] {
        twill::runtime rt{{.workers = workers}};
        const int limit = rt.load().since_start.awake_limit;
        EXPECT_LE(limit, workers);
        watched all(workers);
        std::atomic<long> sum{0};
        std::atomic<std::int64_t> without_core{0};
        in_waves([&](int number) {
            sum += rt.run([&] {
                if (number % 4 == 0) {
                    const std::int64_t before = run_delay();
                    waits_twice(all);
                    without_core += run_delay() - before;
                } else {
                    all.begin();
                    keep(work(1000));
                    all.end(false);
                }
                return number;
            });
        });
        EXPECT_EQ(sum, sum_of_waves());
        EXPECT_LE(all.most_begun(), limit);
        const twill::worker_load total = rt.load().since_start.total();
        EXPECT_GT(total.joins_blocked, 0U);
        EXPECT_GT(total.handed_over, 0U);
        // A thousandth: the two clocks.
        const auto counted = total.over + total.over / 1000;
        EXPECT_LE(all.above().count(), counted.count() + without_core);
        return all.most() > workers && all.above() <= counted;
    }));
}

} // namespace
