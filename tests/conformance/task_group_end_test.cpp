// SPDX-License-Identifier: Apache-2.0
// task_group: exceptions, stops, and closures that never run.
#include "group_support.hpp"

#include <stdexcept>
#include <stop_token>
#include <string>

namespace {

using namespace twill_test;

TEST(task_group_end, throws_the_first_exception_once) {
    std::atomic<int> ran{0};
    twill::task_group group;
    for (int round = 0; round < scaled(200); ++round) {
        ran = 0;
        put_counted(group, 20, ran);
        group.run([] { throw std::runtime_error("one"); });
        put_counted(group, 20, ran);
        try {
            group.wait();
            FAIL() << "no exception";
        } catch (const std::runtime_error& error) {
            ASSERT_STREQ(error.what(), "one");
        }
        ASSERT_EQ(counted::live(), 0);
        ASSERT_LE(ran, 40);
        group.wait(); // nothing left to tell
        ran = 0;
        put_counted(group, 20, ran);
        group.wait();
        ASSERT_EQ(ran, 20);
    }
}

// A lone worker begins its newest task first.
TEST(task_group_end, drops_what_has_not_begun_after_an_exception) {
    twill::runtime alone{{.workers = 1}};
    alone.run([] {
        std::atomic<int> ran{0};
        twill::task_group group;
        put_counted(group, 50, ran);
        group.run([] { throw 7; });
        put_counted(group, 5, ran);
        EXPECT_THROW(group.wait(), int);
        EXPECT_EQ(ran, 5);
        EXPECT_EQ(counted::live(), 0);
    });
}

TEST(task_group_end, keeps_one_of_several_exceptions) {
    EXPECT_TRUE(repeat_until_stolen(scaled(200), [] {
        std::atomic<int> thrown{0};
        twill::task_group group;
        for (int k = 0; k < 50; ++k) {
            group.run([&thrown, k] {
                keep(work(50));
                ++thrown;
                throw k;
            });
        }
        int caught = -1;
        try {
            group.wait();
        } catch (int number) {
            caught = number;
        }
        ASSERT_GE(caught, 0);
        ASSERT_LT(caught, 50);
        ASSERT_GE(thrown, 1);
        const int at_end = thrown;
        group.wait();
        ASSERT_EQ(thrown, at_end);
    }));
}

TEST(task_group_end, throws_from_where_tasks_put_tasks_in) {
    EXPECT_TRUE(repeat_until_stolen(scaled(100), [] {
        std::atomic<int> ran{0};
        twill::task_group group;
        for (int k = 0; k < 10; ++k) {
            group.run([&group, &ran, k] {
                put_counted(group, 10, ran);
                if (k == 5) {
                    group.run([] { throw std::logic_error("inner"); });
                }
            });
        }
        ASSERT_THROW(group.wait(), std::logic_error);
        ASSERT_EQ(counted::live(), 0);
    }));
}

// Exceptions of verbs in a task are the task's own.
TEST(task_group_end, lets_tasks_catch_what_their_verbs_throw) {
    std::atomic<int> caught{0};
    twill::task_group group;
    for (int k = 0; k < scaled(100); ++k) {
        group.run([&caught] {
            try {
                twill::parallel_for(0, 10, [](int i) {
                    if (i == 5) {
                        throw i;
                    }
                });
            } catch (int) {
                ++caught;
            }
        });
    }
    group.wait();
    EXPECT_EQ(caught, scaled(100));
}

TEST(task_group_end, drops_what_has_not_begun_while_unwinding) {
    for (int round = 0; round < scaled(200); ++round) {
        std::atomic<int> ran{0};
        try {
            twill::task_group group;
            put_counted(group, 100, ran);
            throw 1;
        } catch (int) {
            ASSERT_EQ(counted::live(), 0);
        }
        const int at_end = ran;
        ASSERT_LE(at_end, 100);
        std::this_thread::yield();
        ASSERT_EQ(ran, at_end);
    }
    twill::runtime alone{{.workers = 1}};
    alone.run([] {
        std::atomic<int> ran{0};
        try {
            twill::task_group group;
            put_counted(group, 100, ran);
            throw 1;
        } catch (int) {
        }
        EXPECT_EQ(ran, 0);
        EXPECT_EQ(counted::live(), 0);
    });
}

// A task's exception that nobody has seen gives way to the one that unwinds.
TEST(task_group_end, throws_nothing_more_while_unwinding) {
    for (int round = 0; round < scaled(200); ++round) {
        try {
            twill::task_group group;
            group.run([] { throw std::logic_error("unseen"); });
            std::this_thread::yield();
            throw 1;
        } catch (int) {
        }
    }
}

struct uses_a_group_when_it_goes {
    std::atomic<int>& ran;
    explicit uses_a_group_when_it_goes(std::atomic<int>& count) : ran(count) {}
    uses_a_group_when_it_goes(const uses_a_group_when_it_goes&) = delete;
    uses_a_group_when_it_goes& operator=(const uses_a_group_when_it_goes&) = delete;
    ~uses_a_group_when_it_goes() {
        twill::task_group group;
        put_counted(group, 100, ran);
    }
};

// The exception was there before the group: its scope ends in the ordinary way.
TEST(task_group_end, waits_in_a_destructor_that_runs_while_unwinding) {
    std::atomic<int> ran{0};
    try {
        const uses_a_group_when_it_goes guard(ran);
        throw 1;
    } catch (int) {
    }
    EXPECT_EQ(ran, 100);
    EXPECT_EQ(counted::live(), 0);
}

TEST(task_group_end, says_that_a_stop_dropped_something) {
    std::atomic<int> ran{0};
    twill::task_group group;
    std::stop_source source;
    put_counted(group, 100, ran);
    EXPECT_EQ(group.wait(source.get_token()), twill::outcome::completed);
    EXPECT_EQ(ran, 100);
    EXPECT_EQ(group.wait(source.get_token()), twill::outcome::completed);

    source.request_stop();
    EXPECT_EQ(group.wait(source.get_token()), twill::outcome::completed); // nothing to drop
    twill::runtime alone{{.workers = 1}};
    alone.run([&] {
        ran = 0;
        twill::task_group inside;
        put_counted(inside, 100, ran);
        EXPECT_EQ(inside.wait(source.get_token()), twill::outcome::stopped);
        EXPECT_EQ(ran, 0);
        EXPECT_EQ(counted::live(), 0);
        put_counted(inside, 100, ran);
        EXPECT_EQ(inside.wait(std::stop_token()), twill::outcome::completed);
        EXPECT_EQ(ran, 100);
    });
}

TEST(task_group_end, drops_nothing_more_after_the_stop_of_one_wait) {
    std::stop_source source;
    std::atomic<int> ran{0};
    twill::task_group group;
    for (int round = 0; round < scaled(200); ++round) {
        source = std::stop_source();
        ran = 0;
        for (int k = 0; k < 100; ++k) {
            group.run([&ran, &source, one = counted(k)] {
                if (++ran == 10) {
                    source.request_stop();
                }
            });
        }
        const twill::outcome ended = group.wait(source.get_token());
        ASSERT_EQ(ended == twill::outcome::completed, ran == 100);
        ASSERT_EQ(counted::live(), 0);
        ran = 0;
        put_counted(group, 100, ran);
        group.wait();
        ASSERT_EQ(ran, 100);
    }
}

TEST(task_group_end, stops_at_once_in_a_lone_worker) {
    twill::runtime alone{{.workers = 1}};
    alone.run([] {
        std::stop_source source;
        std::atomic<int> ran{0};
        twill::task_group group;
        for (int k = 0; k < 1000; ++k) {
            group.run([&] {
                if (++ran == 10) {
                    source.request_stop();
                }
            });
        }
        EXPECT_EQ(group.wait(source.get_token()), twill::outcome::stopped);
        EXPECT_EQ(ran, 10);
    });
}

// All tasks would take minutes.
TEST(task_group_end, stops_from_outside) {
    std::stop_source source;
    std::atomic<int> ran{0};
    std::thread stops([&] {
        EXPECT_TRUE(eventually([&] { return ran > 0; }));
        source.request_stop();
    });
    twill::task_group group;
    for (int k = 0; k < 100'000; ++k) {
        group.run([&ran, one = counted(k)] {
            ++ran;
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        });
    }
    EXPECT_EQ(group.wait(source.get_token()), twill::outcome::stopped);
    EXPECT_LT(ran, 100'000);
    EXPECT_EQ(counted::live(), 0);
    stops.join();
}

/// What else can be asked.
struct flag_token {
    const std::atomic<bool>* flag;
    [[nodiscard]] bool stop_requested() const noexcept { return *flag; }
    [[nodiscard]] static bool stop_possible() noexcept { return true; }
};

TEST(task_group_end, takes_any_token) {
    const std::atomic<bool> stopped{true};
    const std::atomic<bool> not_stopped{false};
    twill::runtime alone{{.workers = 1}};
    alone.run([&] {
        std::atomic<int> ran{0};
        twill::task_group group;
        put_counted(group, 10, ran);
        EXPECT_EQ(group.wait(flag_token{&not_stopped}), twill::outcome::completed);
        put_counted(group, 10, ran);
        EXPECT_EQ(group.wait(flag_token{&stopped}), twill::outcome::stopped);
        EXPECT_EQ(ran, 10);
    });
}

TEST(task_group_end, throws_rather_than_stops) {
    twill::runtime alone{{.workers = 1}};
    alone.run([] {
        std::stop_source source;
        std::atomic<int> ran{0};
        twill::task_group group;
        put_counted(group, 10, ran);
        group.run([&source] {
            source.request_stop();
            throw 1;
        });
        EXPECT_THROW(static_cast<void>(group.wait(source.get_token())), int);
        EXPECT_EQ(ran, 0);
        EXPECT_EQ(counted::live(), 0);
    });
}

} // namespace
