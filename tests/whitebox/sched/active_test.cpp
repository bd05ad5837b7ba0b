// SPDX-License-Identifier: Apache-2.0
// A scheduler whose number of active workers changes while guests and forks use it.
#include "sched/access.hpp"
#include "sched/made_up_seats.hpp"
#include "sched/two_nodes.hpp"
#include "support/eventually.hpp"
#include "support/sanitizers.hpp"
#include "twill/parallel_for.hpp"
#include "twill/parallel_invoke.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <thread>
#include <vector>

namespace {

using namespace twill::sched; // NOLINT(google-build-using-namespace)
namespace detail = twill::detail;
using twill::testing_support::sanitized;

using word = detail::atomic<std::uint32_t>;

template <class Condition>
void wait_until(Condition condition) {
    while (!condition()) {
        detail::yield_slice();
    }
}

/// A task from outside that goes on until it is told to end, and counts how far it has come.
class long_task {
public:
    explicit long_task(scheduler& of)
        : thread_([this, &of] {
              const visit guest(of);
              inside_.store(1, detail::release);
              wait_until([this] {
                  steps_.fetch_add(1, detail::relaxed);
                  return end_.load(detail::acquire) != 0;
              });
          }) {}
    ~long_task() { end(); }
    long_task(const long_task&) = delete;
    long_task& operator=(const long_task&) = delete;

    [[nodiscard]] bool inside() const { return inside_.load(detail::acquire) != 0; }
    void wait_for_progress() const {
        const std::uint32_t before = steps_.load(detail::relaxed);
        wait_until([&] { return steps_.load(detail::relaxed) > before + 10; });
    }
    void end() {
        end_.store(1, detail::release);
        if (thread_.joinable()) {
            thread_.join();
        }
    }

private:
    word inside_{0};
    word steps_{0};
    word end_{0};
    std::thread thread_;
};

void expect_to_come_to_rest(scheduler& of) {
    wait_until([&of] {
        const place_counts now = of.counts();
        EXPECT_LE(now.free, of.active());
        return now.free == of.active() && now.searchers == 0;
    });
}

TEST(active, is_what_was_asked_for_or_what_the_machine_allows) {
    scheduler_options options = with_workers(4);
    options.awake = 2;
    scheduler owner(options);
    EXPECT_EQ(owner.active(), 2);
    EXPECT_EQ(owner.set_active(4), 2);
    EXPECT_EQ(owner.set_active(1), 1);
    EXPECT_EQ(owner.active(), 1);
    EXPECT_EQ(owner.counts().free, 1);
    EXPECT_EQ(owner.load_source().awake_limit(), 1);
    EXPECT_EQ(owner.set_active(3), 2);
    EXPECT_EQ(owner.counts().free, 2);
    EXPECT_EQ(owner.load_source().awake_limit(), 2);
    EXPECT_EQ(owner.workers(), 4);
    owner.shut_down();
}

TEST(active, stops_no_task_and_lets_nobody_begin_above_the_limit) {
    scheduler owner(with_workers(3));
    std::array<std::unique_ptr<long_task>, 3> tasks;
    for (auto& one : tasks) {
        one = std::make_unique<long_task>(owner);
    }
    wait_until([&] {
        return std::all_of(tasks.begin(), tasks.end(), [](auto& one) { return one->inside(); });
    });
    EXPECT_EQ(owner.set_active(1), 1);
    EXPECT_EQ(owner.counts().free, -2);
    for (auto& one : tasks) {
        one->wait_for_progress();
    }
    long_task late(owner);
    wait_until([&] { return scheduler_test::guests_wait(owner); });
    for (std::size_t k = 0; k < 2; ++k) {
        tasks[k]->end();
        tasks[2]->wait_for_progress();
        EXPECT_FALSE(late.inside());
    }
    EXPECT_EQ(owner.counts().free, 0);
    tasks[2]->end();
    late.wait_for_progress();
    EXPECT_EQ(owner.counts().free, 0);
    late.end();
    expect_to_come_to_rest(owner);
    owner.shut_down();
}

TEST(active, serves_who_waits_when_it_grows) {
    scheduler owner(with_workers(3));
    owner.set_active(1);
    long_task first(owner);
    wait_until([&] { return first.inside(); });
    long_task second(owner);
    long_task third(owner);
    wait_until([&] { return scheduler_test::guests_wait(owner); });
    EXPECT_FALSE(second.inside() || third.inside());
    EXPECT_EQ(owner.set_active(3), 3);
    wait_until([&] { return second.inside() && third.inside(); });
    first.end();
    second.end();
    third.end();
    expect_to_come_to_rest(owner);
    owner.shut_down();
}

TEST(active, takes_up_forks_when_it_grows) {
    scheduler owner(with_workers(2));
    owner.set_active(1);
    std::thread grower;
    {
        const visit guest(owner);
        word begun{0};
        word forks{0};
        grower = std::thread([&] {
            wait_until([&] { return forks.load(detail::relaxed) > 1000; });
            EXPECT_EQ(begun.load(detail::acquire), 0u); // alone
            owner.set_active(2);
        });
        twill::parallel_invoke(
            [&] {
                while (begun.load(detail::acquire) == 0) {
                    twill::parallel_invoke([&] { forks.fetch_add(1, detail::relaxed); }, [] {});
                }
            },
            [&] { begun.store(1, detail::release); });
    }
    grower.join();
    expect_to_come_to_rest(owner);
    owner.shut_down();
}

// Tasks without a join, so that no thread is resumed above the limit.
TEST(active, is_never_exceeded_once_the_tasks_before_it_have_ended) {
    scheduler owner(with_workers(8));
    word running{0};
    word highest{0};
    word end{0};
    std::vector<std::thread> guests;
    for (int g = 0; g < 12; ++g) {
        guests.emplace_back([&] {
            while (end.load(detail::relaxed) == 0) {
                const visit guest(owner);
                const std::uint32_t now = running.fetch_add(1, detail::seq_cst) + 1;
                std::uint32_t seen = highest.load(detail::seq_cst);
                while (seen < now && !highest.compare_exchange_weak(seen, now, detail::seq_cst,
                                                                    detail::seq_cst)) {
                }
                detail::yield_slice();
                running.fetch_sub(1, detail::seq_cst);
            }
        });
    }
    for (const int limit : {3, 8, 1, 5, 2, 8, 1}) {
        owner.set_active(limit);
        wait_until([&] { return owner.counts().free >= 0; });
        highest.store(0, detail::seq_cst);
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        EXPECT_LE(highest.load(detail::seq_cst), static_cast<std::uint32_t>(limit));
        wait_until([&] { return highest.load(detail::seq_cst) > 0; });
    }
    end.store(1, detail::relaxed);
    for (std::thread& one : guests) {
        one.join();
    }
    expect_to_come_to_rest(owner);
    owner.shut_down();
}

TEST(active, changes_from_many_threads_add_up_while_forks_run) {
    scheduler owner(with_workers(6));
    word end{0};
    std::vector<std::thread> changers;
    for (int t = 0; t < 3; ++t) {
        changers.emplace_back([&, t] {
            for (int k = 0; end.load(detail::relaxed) == 0; ++k) {
                const int asked = 1 + (k * 5 + t * 3) % 6;
                EXPECT_EQ(owner.set_active(asked), asked);
                std::this_thread::sleep_for(std::chrono::microseconds(50));
            }
        });
    }
    std::vector<std::thread> guests;
    for (int g = 0; g < 3; ++g) {
        guests.emplace_back([&] {
            for (int k = 0; k < (sanitized ? 20 : 200); ++k) {
                const visit guest(owner);
                EXPECT_EQ(fib(14), 377);
            }
        });
    }
    for (std::thread& one : guests) {
        one.join();
    }
    end.store(1, detail::relaxed);
    for (std::thread& one : changers) {
        one.join();
    }
    EXPECT_EQ(owner.set_active(4), 4);
    expect_to_come_to_rest(owner);
    EXPECT_EQ(owner.counts().free, 4);
    owner.shut_down();
}

// A place that nobody holds any more keeps its mailbox, which others empty, or the launcher.
TEST(active, placed_loops_run_each_element_once_while_the_limit_goes_up_and_down) {
    constexpr int places = 8;
    constexpr int count = sanitized ? 200 : 1000;
    scheduler owner(with_workers(places));
    const auto rows = twill::testing_support::rows_of(places, 2);
    owner.known_nodes.set(twill::topology::node_map(rows, twill::topology::binds::recorded),
                          places);
    owner.seat_by(std::make_unique<seating>(rows, twill::topology::victim_rule::level));
    const twill::testing_support::halves where(count);
    const auto loop = [&] {
        const visit guest(owner);
        std::vector<detail::atomic<int>> ran(count);
        twill::parallel_for(
            0, count,
            [&](int k) {
                ran[static_cast<std::size_t>(k)].fetch_add(1, detail::relaxed);
                if (k % 20 == 10) {
                    const int limit = k % 40 == 10 ? 1 + k / 40 % 3 : places;
                    owner.set_active(limit);
                    EXPECT_GE(owner.active(), 1);
                }
                detail::yield_slice(); // long enough that others come
            },
            twill::near(where));
        for (int k = 0; k < count; ++k) {
            EXPECT_EQ(ran[static_cast<std::size_t>(k)].load(detail::relaxed), 1) << k;
        }
    };
    EXPECT_TRUE(twill::testing_support::eventually([&] {
        loop();
        return counted(owner, twill::load_model::counter::retired) >= 10;
    }));
    EXPECT_GT(counted(owner, twill::load_model::counter::posted), 0u);
    EXPECT_FALSE(owner.known_nodes.has_post());
    EXPECT_EQ(owner.set_active(places), places);
    wait_until([&] { return owner.counts().free == places && owner.counts().searchers == 0; });
    owner.shut_down();
}

} // namespace
