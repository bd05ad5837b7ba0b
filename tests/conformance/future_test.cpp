// SPDX-License-Identifier: Apache-2.0
// runtime::submit and the future that it returns.
#include "support.hpp"

#include <memory>
#include <stdexcept>
#include <string>

namespace {

using namespace twill_test;

/// Two runtimes: in the one nothing begins beside a task that keeps the worker.
class future : public testing::Test {
protected:
    twill::runtime alone{{.workers = 1}};
    twill::runtime several{{.workers = 3}};

    template <class Body>
    void in_both(Body body) {
        body(alone);
        body(several);
    }
};

TEST_F(future, has_the_value) {
    in_both([](twill::runtime& rt) {
        int value = 1;
        twill::future<int> number = rt.submit([] { return 42; });
        twill::future<void> nothing = rt.submit([&value] { ++value; });
        nothing.get();
        EXPECT_EQ(value, 2);
        twill::future<int&> reference = rt.submit([&value]() -> int& { return value; });
        twill::future<std::unique_ptr<int>> moved =
            rt.submit([] { return std::make_unique<int>(3); });
        twill::future<std::string> text = rt.submit([] { return std::string(1000, 'x'); });
        EXPECT_EQ(&reference.get(), &value);
        EXPECT_EQ(*moved.get(), 3);
        EXPECT_EQ(text.get().size(), 1000U);
        EXPECT_EQ(number.get(), 42);
    });
}

TEST_F(future, takes_callables_of_all_kinds) {
    in_both([](twill::runtime& rt) {
        const auto constant = [] { return 1; };
        auto lvalue = [calls = 1]() mutable { return ++calls; };
        int (*const function)() = [] { return 3; };
        EXPECT_EQ(rt.submit(constant).get(), 1);
        EXPECT_EQ(rt.submit(lvalue).get(), 2);
        EXPECT_EQ(rt.submit(lvalue).get(), 2); // its own copy each time
        EXPECT_EQ(rt.submit(function).get(), 3);
        EXPECT_EQ(rt.submit([four = std::make_unique<int>(4)] { return *four; }).get(), 4);
    });
}

TEST_F(future, throws_what_the_callable_throws) {
    in_both([](twill::runtime& rt) {
        twill::future<int> failed = rt.submit([]() -> int { throw std::runtime_error("inside"); });
        try {
            failed.get();
            FAIL() << "no exception";
        } catch (const std::runtime_error& error) {
            EXPECT_STREQ(error.what(), "inside");
        }
        EXPECT_FALSE(failed.valid());
        twill::future<void> waited = rt.submit([] { throw 5; });
        waited.wait(); // tells nothing
        EXPECT_TRUE(waited.valid());
        EXPECT_THROW(waited.get(), int);
        static_cast<void>(rt.submit([] { throw 6; })); // nobody looks
    });
}

TEST_F(future, is_valid_until_get) {
    twill::future<int> none;
    EXPECT_FALSE(none.valid());
    twill::future<int> one = several.submit([] { return 1; });
    EXPECT_TRUE(one.valid());
    twill::future<int> other = std::move(one);
    EXPECT_FALSE(one.valid()); // NOLINT(bugprone-use-after-move): that is the question
    EXPECT_TRUE(other.valid());
    one = std::move(other);
    other = several.submit([] { return 2; });
    EXPECT_EQ(one.get(), 1);
    EXPECT_FALSE(one.valid());
    one = std::move(other);
    EXPECT_EQ(one.get(), 2);
    other = several.submit([] { return 3; });
    other = several.submit([] { return 4; }); // lets go of the third
    EXPECT_EQ(other.get(), 4);
}

// The only worker is busy with the one who asks.
TEST_F(future, runs_what_has_not_begun_on_the_spot) {
    alone.run([this] {
        const auto self = std::this_thread::get_id();
        std::vector<twill::future<bool>> all;
        for (int k = 0; k < 10; ++k) {
            all.push_back(alone.submit([self] {
                return std::this_thread::get_id() == self && twill::this_worker() == 0;
            }));
        }
        for (std::size_t k = all.size(); k-- > 0;) { // out of the queue from its other end
            EXPECT_TRUE(all[k].get()) << k;
        }
    });
}

TEST_F(future, waits_no_longer_than_it_is_told) {
    std::atomic<bool> go{false};
    twill::future<int> late = several.submit([&go] {
        EXPECT_TRUE(eventually([&go] { return go.load(); }));
        return 9;
    });
    EXPECT_FALSE(late.wait_for(std::chrono::milliseconds(5)));
    EXPECT_FALSE(late.wait_for(std::chrono::seconds(-1)));
    several.run([&late] { EXPECT_FALSE(late.wait_for(std::chrono::microseconds(100))); });
    go = true;
    EXPECT_TRUE(late.wait_for(patience));
    EXPECT_TRUE(late.wait_for(std::chrono::seconds(0)));
    EXPECT_EQ(late.get(), 9);
}

// A wait in a task gives the worker up: what it waits for needs it.
TEST_F(future, gives_the_worker_up_while_it_waits) {
    for (int round = 0; round < scaled(100); ++round) {
        std::atomic<bool> begun{false};
        std::atomic<bool> go{false};
        alone.run([&] {
            twill::future<int> first = alone.submit([&] {
                begun = true;
                twill::blocking([&] { EXPECT_TRUE(eventually([&] { return go.load(); })); });
                return 1;
            });
            twill::blocking([&] { EXPECT_TRUE(eventually([&] { return begun.load(); })); });
            twill::future<void> second = alone.submit([&go] { go = true; });
            ASSERT_EQ(first.get(), 1);
            second.get();
        });
    }
}

TEST_F(future, may_be_of_another_runtime) {
    for (int round = 0; round < scaled(100); ++round) {
        const int sum = alone.run([this] {
            twill::future<int> there = several.submit([this] {
                twill::future<int> back = alone.submit([] { return fib(8); });
                return back.get() + fib(7);
            });
            return there.get() + 1;
        });
        ASSERT_EQ(sum, 35);
    }
}

TEST_F(future, comes_from_any_thread) {
    std::atomic<long> sum{0};
    in_both([&sum](twill::runtime& rt) {
        on_threads(8, [&](int) {
            std::vector<twill::future<int>> all;
            for (int k = 0; k < scaled(500); ++k) {
                all.push_back(rt.submit([k] { return k; }));
            }
            for (auto& one : all) {
                sum += one.get();
            }
        });
        twill::parallel_for(0, 8, [&](int) { sum += rt.submit([] { return 1; }).get(); });
    });
    const long each = long{scaled(500)} * (scaled(500) - 1) / 2;
    EXPECT_EQ(sum, 2 * 8 * each + 16);
}

// Nobody asks: some worker comes all the same.
TEST_F(future, need_not_be_kept) {
    in_both([](twill::runtime& rt) {
        std::atomic<int> ran{0};
        for (int k = 0; k < 100; ++k) {
            static_cast<void>(rt.submit([&ran] { ++ran; }));
        }
        EXPECT_TRUE(eventually([&ran] { return ran == 100; }));
    });
}

TEST_F(future, keeps_nothing_of_the_callable) {
    in_both([](twill::runtime& rt) {
        {
            twill::future<int> one = rt.submit([kept = counted(1)] { return kept.number(); });
            one.wait();
            EXPECT_EQ(counted::live(), 0);
            EXPECT_EQ(one.get(), 1);
        }
        twill::future<counted> two = rt.submit([] { return counted(2); });
        two.wait();
        EXPECT_EQ(counted::live(), 1);
        EXPECT_EQ(two.get().number(), 2);
        EXPECT_EQ(counted::live(), 0);
        std::atomic<bool> began{false};
        static_cast<void>(rt.submit([&began] {
            counted three(3);
            began = true;
            return three;
        }));
        EXPECT_TRUE(eventually([&began] { return began && counted::live() == 0; }));
    });
}

// What a submission submits counts as well.
TEST_F(future, is_had_by_the_end_of_the_runtime) {
    for (int round = 0; round < scaled(200); ++round) {
        std::atomic<int> ran{0};
        {
            twill::runtime rt{{.workers = 1 + round % 3}};
            for (int k = 0; k < 20; ++k) {
                static_cast<void>(rt.submit([&ran, &rt] {
                    static_cast<void>(rt.submit([&ran, &rt] {
                        static_cast<void>(rt.submit([&ran] { ++ran; }));
                        ++ran;
                    }));
                    ++ran;
                }));
            }
        }
        ASSERT_EQ(ran, 60);
    }
}

// Whoever submits holds a place in its own runtime, which may have more of them.
TEST_F(future, comes_of_a_submission_by_a_task_of_another_runtime) {
    std::atomic<int> ran{0};
    for (int round = 0; round < scaled(200); ++round) {
        std::vector<twill::future<void>> all(64);
        twill::parallel_for(std::size_t{0}, all.size(),
                            [&](std::size_t k) { all[k] = several.submit([&ran] { ++ran; }); });
        for (twill::future<void>& one : all) {
            one.get();
        }
        ASSERT_EQ(ran, 64 * (round + 1));
        std::this_thread::sleep_for(std::chrono::milliseconds(1)); // all sleep
    }
}

TEST_F(future, outlives_its_runtime) {
    twill::future<int> kept;
    {
        twill::runtime rt{{.workers = 1}};
        kept = rt.submit([] { return 7; });
    }
    EXPECT_TRUE(kept.wait_for(std::chrono::seconds(0)));
    EXPECT_EQ(kept.get(), 7);
}

TEST_F(future, runs_verbs) {
    in_both([](twill::runtime& rt) {
        std::vector<twill::future<int>> all;
        for (int k = 0; k < scaled(100); ++k) {
            all.push_back(rt.submit([&rt] {
                EXPECT_EQ(twill::worker_count(), rt.worker_count());
                return fib(10);
            }));
        }
        for (auto& one : all) {
            EXPECT_EQ(one.get(), 55);
        }
    });
}

} // namespace
