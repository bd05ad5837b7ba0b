// SPDX-License-Identifier: Apache-2.0
// runtime: options, run(), runtimes inside of each other, and how one ends.
#include "process.hpp"
#include "support.hpp"

#include <cerrno>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>

namespace {

using namespace twill_test;

std::string refusal(const twill::runtime_options& options) {
    try {
        const twill::runtime made(options);
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "";
}

TEST(runtime, refuses_bad_options) {
    EXPECT_EQ(refusal({.workers = -1}),
              "twill::runtime: workers: expected 1 to 4096, or 0 for the default, got -1");
    EXPECT_EQ(refusal({.workers = 4097}),
              "twill::runtime: workers: expected 1 to 4096, or 0 for the default, got 4097");
    EXPECT_EQ(refusal({.stack_size = 65'535}),
              "twill::runtime: stack_size: expected 65536 to 68719476736 bytes, or 0 for the "
              "default, got 65535");
    EXPECT_NE(refusal({.stack_size = std::size_t{1} << 40}), "");
    EXPECT_EQ(refusal({.workers = 4096}), "");
    EXPECT_EQ(refusal({.stack_size = 65'536}), "");
}

TEST(runtime, has_the_workers_that_it_was_made_with) {
    twill::runtime usual;
    EXPECT_EQ(usual.worker_count(), twill::worker_count());
    for (const int workers : {1, 2, 5, 64}) {
        twill::runtime rt{{.workers = workers}};
        EXPECT_EQ(rt.worker_count(), workers);
        EXPECT_EQ(rt.run([] { return twill::worker_count(); }), workers);
        std::atomic<int> wrong{0};
        rt.run([&] {
            EXPECT_EQ(fib(12), 144);
            twill::parallel_for(0, 1000, [&](int) {
                const int worker = twill::this_worker();
                wrong +=
                    twill::worker_count() == workers && worker >= 0 && worker < workers ? 0 : 1;
            });
        });
        EXPECT_EQ(wrong, 0);
        EXPECT_EQ(rt.load().since_start.worker_count(), workers);
    }
}

TEST(runtime, returns_what_the_body_returns) {
    twill::runtime rt{{.workers = 2}};
    int value = 1;
    rt.run([] {});
    int& reference = rt.run([&value]() -> int& { return value; });
    reference = 2;
    EXPECT_EQ(value, 2);
    EXPECT_EQ(*rt.run([] { return std::make_unique<int>(3); }), 3);
    EXPECT_EQ(rt.run([moved = std::make_unique<int>(4)]() mutable { return *moved; }), 4);
    static_assert(std::is_void_v<decltype(rt.run([] {}))>);
    static_assert(std::is_same_v<decltype(rt.run([&value]() -> int& { return value; })), int&>);
}

TEST(runtime, lets_exceptions_through) {
    twill::runtime rt{{.workers = 2}};
    for (int round = 0; round < scaled(100); ++round) {
        EXPECT_THROW(rt.run([] { throw std::runtime_error("body"); }), std::runtime_error);
        EXPECT_THROW(rt.run([] {
            twill::parallel_for(0, 100, [](int i) {
                if (i == 50) {
                    throw i;
                }
            });
        }),
                     int);
        EXPECT_EQ(twill::this_worker(), -1);
        EXPECT_EQ(rt.run([] { return fib(5); }), 5);
    }
}

TEST(runtime, runs_on_the_thread_of_the_caller) {
    twill::runtime rt{{.workers = 2}};
    on_threads(5, [&](int) {
        const auto self = std::this_thread::get_id();
        for (int round = 0; round < scaled(100); ++round) {
            rt.run([&] {
                ASSERT_EQ(std::this_thread::get_id(), self);
                ASSERT_GE(twill::this_worker(), 0);
                fib(6);
                ASSERT_EQ(std::this_thread::get_id(), self);
            });
            ASSERT_EQ(twill::this_worker(), -1);
        }
    });
}

TEST(runtime, calls_plainly_in_its_own_tasks) {
    twill::runtime rt{{.workers = 1}};
    rt.run([&rt] {
        const auto self = std::this_thread::get_id();
        const int worker = twill::this_worker();
        const int got = rt.run([&] {
            EXPECT_EQ(std::this_thread::get_id(), self);
            EXPECT_EQ(twill::this_worker(), worker);
            return rt.run([] { return 5; });
        });
        EXPECT_EQ(got, 5);
    });
}

// Each has one worker: whoever goes into the other gives its own up, and finds it again.
TEST(runtime, nests_with_others) {
    twill::runtime a{{.workers = 1}};
    twill::runtime b{{.workers = 1}};
    on_threads(4, [&](int k) {
        twill::runtime& first = k % 2 == 0 ? a : b;
        twill::runtime& second = k % 2 == 0 ? b : a;
        for (int round = 0; round < scaled(100); ++round) {
            const int got = first.run([&] {
                return second.run([&] {
                    return first.run([&] { return second.run([] { return fib(8); }) + 1; }) + 1;
                });
            });
            ASSERT_EQ(got, 23);
        }
    });
}

TEST(runtime, gives_verbs_the_runtime_of_their_task) {
    const int usual = twill::worker_count();
    twill::runtime a{{.workers = usual + 1}};
    twill::runtime b{{.workers = usual + 2}};
    const auto counts = [](int expected) {
        EXPECT_EQ(twill::worker_count(), expected);
        twill::parallel_for(0, 20, [=](int) { EXPECT_EQ(twill::worker_count(), expected); });
        twill::parallel_invoke([=] { EXPECT_EQ(twill::worker_count(), expected); },
                               [=] { EXPECT_EQ(twill::worker_count(), expected); });
    };
    counts(usual);
    twill::parallel_for(0, 4, [&](int) {
        counts(usual);
        a.run([&] {
            counts(usual + 1);
            b.run([&] { counts(usual + 2); });
            counts(usual + 1);
        });
        counts(usual);
    });
}

// Forked before the task goes into the other runtime: others of its own run it meanwhile.
TEST(runtime, shows_forks_while_a_task_is_elsewhere) {
    twill::runtime a{{.workers = 1}};
    twill::runtime b{{.workers = 1}};
    for (int round = 0; round < scaled(100); ++round) {
        std::atomic<bool> sibling{false};
        bool seen = false;
        a.run([&] {
            twill::parallel_invoke(
                [&] { b.run([&] { seen = eventually([&] { return sibling.load(); }); }); },
                [&] { sibling = true; });
        });
        ASSERT_TRUE(seen);
    }
}

TEST(runtime, leaves_errno_alone) {
    twill::runtime rt{{.workers = 2}};
    errno = 77;
    rt.run([] {
        EXPECT_EQ(errno, 77);
        errno = 78;
    });
    EXPECT_EQ(errno, 78);
}

TEST(runtime, leaves_guests_as_they_were) {
    twill::runtime rt{{.workers = 2}};
    on_threads(3, [&](int k) {
        become_outsider(k);
        const surroundings before = surroundings::now();
        for (int round = 0; round < scaled(50); ++round) {
            rt.run([&] {
                before.expect_same(surroundings::now());
                fib(8);
                before.expect_same(surroundings::now());
            });
            before.expect_same(surroundings::now());
        }
    });
}

/// The ids of the threads on which something was called, each at most once.
class thread_list {
public:
    void add() {
        const std::lock_guard guard(lock_);
        EXPECT_TRUE(ids_.insert(std::this_thread::get_id()).second);
    }
    [[nodiscard]] std::set<std::thread::id> ids() const { return ids_; }

private:
    std::mutex lock_;
    std::set<std::thread::id> ids_;
};

TEST(runtime, calls_hooks_once_on_each_of_its_threads) {
    thread_list started;
    thread_list stopped;
    std::mutex lock;
    std::set<std::thread::id> helpers; // guarded by the lock
    {
        twill::runtime rt{{.workers = 3,
                           .on_thread_start = [&] { started.add(); },
                           .on_thread_stop = [&] { stopped.add(); }}};
        const auto self = std::this_thread::get_id();
        for (int round = 0; round < 20; ++round) {
            rt.run([&] {
                twill::parallel_for(0, 30, [&](int) {
                    std::this_thread::sleep_for(std::chrono::microseconds(100));
                    if (std::this_thread::get_id() != self) {
                        const std::lock_guard guard(lock);
                        helpers.insert(std::this_thread::get_id());
                    }
                });
            });
        }
    }
    EXPECT_FALSE(started.ids().empty());
    EXPECT_EQ(started.ids(), stopped.ids());
    for (const auto& helper : helpers) {
        EXPECT_EQ(started.ids().count(helper), 1U);
    }
    EXPECT_EQ(started.ids().count(std::this_thread::get_id()), 0U);
}

// Every third one is used in full, every third one not at all.
TEST(runtime, leaves_no_thread_and_no_file_open) {
    fib(10);
    const auto use = [](int kind) {
        twill::runtime rt{{.workers = 3}};
        if (kind == 1) {
            EXPECT_EQ(rt.run([] { return fib(8); }), 21);
        } else if (kind == 2) {
            twill::future<int> later = rt.submit([] { return fib(6); });
            rt.run([] { twill::parallel_for(0, 30, [](int) { keep(work(500)); }); });
            EXPECT_EQ(later.get(), 8);
        }
    };
    for (int kind = 0; kind < 3; ++kind) {
        use(kind);
    }
    const int threads = entries_of("task");
    const int files = entries_of("fd");
    const int rounds = usual_or_long(1000, 10'000);
    for (int round = 0; round < rounds; ++round) {
        use(round % 3);
    }
    EXPECT_TRUE(eventually([&] { return entries_of("task") <= threads; }));
    // A thread of the default runtime may have been too young to have its file open.
    EXPECT_LE(entries_of("fd"), files + threads);
}

TEST(runtime, ends_in_a_task_of_another) {
    twill::runtime alone{{.workers = 1}};
    for (int round = 0; round < scaled(100); ++round) {
        std::atomic<int> ran{0};
        alone.run([&] {
            twill::runtime inner{{.workers = 2}};
            for (int k = 0; k < 10; ++k) {
                static_cast<void>(inner.submit([&] {
                    ++ran;
                    // goes back to the one that waits, whose worker is free meanwhile
                    alone.run([&ran] { ++ran; });
                }));
            }
        });
        ASSERT_EQ(ran, 20);
    }
}

TEST(runtime, accounts_for_its_own_workers) {
    twill::runtime rt{{.workers = 2}};
    EXPECT_EQ(rt.load().since_start.worker_count(), 2);
    const twill::load_snapshot before = rt.load();
    rt.run([] { keep(work(3'000'000)); });
    const twill::load_window window = rt.load() - before;
    EXPECT_GT(window.total_load(), std::chrono::microseconds(500));
    EXPECT_LE(window.total_load(), 2 * window.wall);
    EXPECT_LT(window.identity_error(), 0.01);
}

} // namespace
