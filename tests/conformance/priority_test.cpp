// SPDX-License-Identifier: Apache-2.0
// twill::priority: what begins first, that nothing starves, and that all of it is waited for.
#include "support.hpp"

#include <array>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace twill_test;
using twill::priority;

/// So many others come before the first of a level at the most: by how often it is passed over, and
/// by levels below it that wait as long.
constexpr int most_before = 16 + 2;

constexpr priority all_levels[] = {priority::low, priority::normal, priority::high};

/// What has begun, in this order.
class begun {
public:
    void note(char what) {
        const std::lock_guard locked(lock_);
        text_ += what;
    }
    std::string text() {
        const std::lock_guard locked(lock_);
        return text_;
    }
    bool has(std::size_t count) {
        return eventually([&] { return text().size() >= count; });
    }

private:
    std::mutex lock_;
    std::string text_;
};

/// A runtime with one worker, which is busy until go(), and three groups of it.
class kept_worker {
public:
    using three_groups = std::array<twill::task_group, 3>;

    kept_worker() {
        rt.run([this] { groups = std::make_unique<three_groups>(); });
        gate_ = rt.submit([this] {
            kept_ = true;
            EXPECT_TRUE(eventually([this] { return open_.load(); }));
        });
        EXPECT_TRUE(eventually([this] { return kept_.load(); }));
    }
    ~kept_worker() { go(); }
    kept_worker(const kept_worker&) = delete;
    kept_worker& operator=(const kept_worker&) = delete;
    void go() { open_ = true; }

private:
    std::atomic<bool> kept_{false};
    std::atomic<bool> open_{false};

public:
    twill::runtime rt{{.workers = 1}};
    std::unique_ptr<three_groups> groups;

private:
    twill::future<void> gate_;
};

TEST(priority_of_submissions, orders_what_begins) {
    for (int round = 0; round < scaled(50); ++round) {
        begun order;
        kept_worker busy;
        std::vector<twill::future<void>> all;
        all.push_back(busy.rt.submit([&] { order.note('l'); }, priority::low));
        all.push_back(busy.rt.submit([&] { order.note('n'); }));
        all.push_back(busy.rt.submit([&] { order.note('N'); }, priority::normal));
        all.push_back(busy.rt.submit([&] { order.note('h'); }, priority::high));
        all.push_back(busy.rt.submit([&] { order.note('H'); }, priority::high));
        busy.go();
        for (auto& one : all) {
            ASSERT_TRUE(one.wait_for(patience)); // which runs nothing itself
        }
        ASSERT_EQ(order.text(), "hHnNl");
    }
}

TEST(priority_of_submissions, does_not_hold_back_who_waits_for_one) {
    begun order;
    twill::runtime rt{{.workers = 1}};
    rt.run([&] { // on the only worker
        twill::future<void> high = rt.submit([&] { order.note('h'); }, priority::high);
        twill::future<void> low = rt.submit([&] { order.note('l'); }, priority::low);
        twill::future<void> normal = rt.submit([&] { order.note('n'); });
        low.get();
        normal.get();
        high.get();
    });
    EXPECT_EQ(order.text(), "lnh");
}

/// Submits something of level `more` again and again until something of level `less` has run.
/// Returns how many came before it.
int flood_of_submissions(twill::runtime& rt, priority more, priority less, int floods) {
    std::atomic<int> before{0};
    std::atomic<bool> ran{false};
    std::atomic<int> flooding{floods};
    struct flood {
        twill::runtime& rt;
        priority level;
        std::atomic<int>& before;
        std::atomic<bool>& ran;
        std::atomic<int>& flooding;
        void next() {
            if (ran) {
                --flooding;
                return;
            }
            static_cast<void>(rt.submit(
                [this] {
                    before += ran ? 0 : 1;
                    next();
                },
                level));
        }
    } again{rt, more, before, ran, flooding};
    rt.run([&] { // the worker, where there is one: nothing begins before all is there
        static_cast<void>(rt.submit([&] { ran = true; }, less));
        for (int k = 0; k < floods; ++k) {
            again.next();
        }
    });
    EXPECT_TRUE(eventually([&] { return ran && flooding == 0; })) << "it has starved";
    return before;
}

TEST(priority_of_submissions, starves_nothing) {
    for (const priority less : {priority::normal, priority::low}) {
        twill::runtime alone{{.workers = 1}};
        EXPECT_LE(flood_of_submissions(alone, priority::high, less, 3), most_before);
        EXPECT_GE(flood_of_submissions(alone, priority::high, less, 3), 16);
        for (const int workers : {2, 8}) {
            twill::runtime several{{.workers = workers}};
            flood_of_submissions(several, priority::high, less, 2 * workers);
        }
    }
    twill::runtime alone{{.workers = 1}};
    EXPECT_LE(flood_of_submissions(alone, priority::normal, priority::low, 3), most_before);
}

TEST(priority_of_submissions, takes_options_and_exceptions_on_every_level) {
    twill::runtime rt{{.workers = 2}};
    for (const priority level : all_levels) {
        EXPECT_EQ(rt.submit([] { return 5; }, level).get(), 5);
        EXPECT_EQ(
            *rt.submit([one = std::make_unique<int>(6)]() mutable { return std::move(one); }, level)
                 .get(),
            6);
        EXPECT_THROW(rt.submit([] { throw std::runtime_error("inside"); }, level).get(),
                     std::runtime_error);
    }
    const twill::load_window load = rt.load().since_start;
    for (const priority level : all_levels) {
        EXPECT_EQ(load.response(level).count, 3U);
        EXPECT_EQ(load.response(level).errors, 1U);
        EXPECT_EQ(load.response(level).late, 0U);
        EXPECT_LE(load.response(level).percentile(0.5), load.response(level).longest);
        EXPECT_GT(load.response(level).longest.count(), 0);
    }
}

TEST(priority_of_tasks, orders_what_a_waiter_begins) {
    twill::runtime rt{{.workers = 1}};
    begun order;
    rt.run([&] {
        twill::task_group group;
        group.run([&] { order.note('l'); }, priority::low);
        group.run([&] { order.note('L'); }, priority::low);
        group.run([&] { order.note('n'); }, priority::normal);
        group.run([&] { order.note('h'); }, priority::high);
        group.run([&] { order.note('H'); }, priority::high);
        group.wait();
    });
    EXPECT_EQ(order.text(), "hHnlL");
}

// Three groups that nobody waits for, with all their tasks there when the worker begins to search.
TEST(priority_of_tasks, orders_what_a_searcher_begins) {
    for (int round = 0; round < scaled(50); ++round) {
        begun order;
        kept_worker busy;
        auto& groups = *busy.groups;
        groups[0].run([&] { order.note('n'); });
        groups[1].run([&] { order.note('l'); }, priority::low);
        groups[2].run([&] { order.note('h'); }, priority::high);
        busy.go();
        ASSERT_TRUE(order.has(3));
        EXPECT_EQ(order.text(), "hnl");
        for (auto& group : groups) {
            group.wait();
        }
    }
}

/// The same as flood_of_submissions() in a group, with a thread that waits in a task.
int flood_of_tasks(twill::runtime& rt, priority more, priority less, int floods) {
    std::atomic<int> before{0};
    std::atomic<bool> ran{false};
    rt.run([&] {
        twill::task_group group;
        struct flood {
            twill::task_group& group;
            priority level;
            std::atomic<int>& before;
            std::atomic<bool>& ran;
            void next() {
                if (!ran) {
                    group.run(
                        [this] {
                            before += ran ? 0 : 1;
                            next();
                        },
                        level);
                }
            }
        } again{group, more, before, ran};
        group.run([&] { ran = true; }, less);
        for (int k = 0; k < floods; ++k) {
            again.next();
        }
        group.wait();
    });
    EXPECT_TRUE(ran);
    return before;
}

TEST(priority_of_tasks, starves_nothing) {
    for (const priority less : {priority::normal, priority::low}) {
        twill::runtime alone{{.workers = 1}};
        const int before = flood_of_tasks(alone, priority::high, less, 3);
        EXPECT_LE(before, most_before);
        EXPECT_GE(before, 16);
        for (const int workers : {2, 8}) {
            twill::runtime several{{.workers = workers}};
            flood_of_tasks(several, priority::high, less, 2 * workers);
        }
    }
    twill::runtime alone{{.workers = 1}};
    EXPECT_LE(flood_of_tasks(alone, priority::normal, priority::low, 1), most_before);
}

// The flood lies in another group than what waits.
TEST(priority_of_tasks, starves_no_other_group) {
    for (const int workers : {1, 2, 8}) {
        twill::runtime rt{{.workers = workers}};
        std::atomic<bool> ran{false};
        std::atomic<int> flooding{2 * workers};
        std::unique_ptr<twill::task_group> flooded;
        std::unique_ptr<twill::task_group> other;
        rt.submit([&] {
              flooded = std::make_unique<twill::task_group>();
              other = std::make_unique<twill::task_group>();
          }).get();
        std::vector<std::thread> producers;
        for (int k = 0; k < 2; ++k) {
            producers.emplace_back([&] {
                for (int put = 0; !ran && put < 1'000'000; ++put) {
                    flooded->run([] { keep(work(200)); }, priority::high);
                    if (put == 100) {
                        other->run([&] { ran = true; }, priority::low);
                    }
                }
            });
        }
        for (auto& one : producers) {
            one.join();
        }
        EXPECT_TRUE(eventually([&] { return ran.load(); }));
        flooded->wait();
        other->wait();
    }
}

class priority_of_groups : public testing::TestWithParam<int> {};

TEST_P(priority_of_groups, are_all_waited_for) {
    twill::runtime rt{{.workers = GetParam()}};
    for (int round = 0; round < scaled(100); ++round) {
        std::atomic<int> ran{0};
        const auto put_some = [&](twill::task_group& group) {
            for (int k = 0; k < 60; ++k) {
                const auto count = [&ran, one = counted(k)] {
                    keep(work(50));
                    ++ran;
                };
                k % 4 == 3 ? group.run(count) : group.run(count, all_levels[k % 4]);
            }
        };
        rt.run([&] {
            twill::task_group group;
            put_some(group);
            group.run([&] { put_some(group); }, priority::low);
            group.wait();
            ASSERT_EQ(ran.exchange(0), 120);
            put_some(group); // once more, with the bags that are there
            group.wait();
            ASSERT_EQ(ran.exchange(0), 60);
        });
        twill::task_group outside;
        on_threads(3, [&](int) {
            put_some(outside);
            outside.wait();
        });
        ASSERT_EQ(ran.exchange(0), 180);
        {
            twill::task_group left_alone;
            put_some(left_alone);
        }
        ASSERT_EQ(ran.load(), 60) << "the end of a group waits too";
    }
    EXPECT_EQ(counted::live().load(), 0);
}

TEST_P(priority_of_groups, take_many_tasks) {
    twill::runtime rt{{.workers = GetParam()}};
    const int tasks = scaled(200'000);
    std::atomic<int> ran{0};
    rt.run([&] {
        twill::task_group group;
        for (int k = 0; k < tasks; ++k) {
            group.run([&ran] { ran.fetch_add(1, std::memory_order_relaxed); },
                      k % 2 == 0 ? priority::low : priority::high);
        }
        group.wait();
    });
    EXPECT_EQ(ran.load(), tasks);
}

TEST_P(priority_of_groups, drop_what_has_not_begun_after_an_exception) {
    twill::runtime rt{{.workers = GetParam()}};
    for (const priority level : all_levels) {
        rt.run([&] {
            std::atomic<int> ran{0};
            twill::task_group group;
            group.run([] { throw std::runtime_error("first"); }, priority::high);
            for (int k = 0; k < 1000; ++k) {
                group.run([&ran, one = counted(k)] { ++ran; }, level);
            }
            EXPECT_THROW(group.wait(), std::runtime_error);
            EXPECT_LE(ran.load(), 1000);
            group.run([&ran] { ran = 5000; }, level);
            group.wait();
            EXPECT_EQ(ran.load(), 5000);
        });
    }
    EXPECT_EQ(counted::live().load(), 0);
}

TEST_P(priority_of_groups, hold_to_their_limit) {
    twill::runtime rt{{.workers = GetParam()}};
    rt.run([&] {
        for (int round = 0; round < 20; ++round) {
            std::atomic<int> ran{0};
            twill::task_group group{twill::limit(8)};
            for (int k = 0; k < 1000; ++k) {
                group.run([&ran] { ++ran; }, all_levels[k % 3]);
            }
            EXPECT_GE(ran.load(), 1000 - 8 - twill::worker_count());
            group.wait();
            ASSERT_EQ(ran.load(), 1000);
        }
    });
}

INSTANTIATE_TEST_SUITE_P(workers, priority_of_groups, testing::Values(1, 2, 8));

} // namespace
