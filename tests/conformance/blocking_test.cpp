// SPDX-License-Identifier: Apache-2.0
// blocking: sections of tasks that wait for other tasks, or for nobody.
#include "child_process.hpp"
#include "support.hpp"

#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <sys/resource.h>
#include <unistd.h>

namespace {

using namespace twill_test;

/// The runtime with one worker in which nothing runs beside a task that keeps it.
class blocking : public testing::Test {
protected:
    twill::runtime alone{{.workers = 1}};

    /// Calls `body()` in the default runtime, and in a task of the lone worker.
    template <class Body>
    void everywhere(int rounds, Body body) {
        for (int round = 0; round < rounds; ++round) {
            body();
            alone.run(body);
        }
    }
};

TEST_F(blocking, waits_for_a_sibling) {
    everywhere(scaled(200), [] {
        std::promise<int> promise;
        std::future<int> answer = promise.get_future();
        int got = 0;
        twill::parallel_invoke([&] { got = twill::blocking([&] { return answer.get(); }); },
                               [&] { promise.set_value(42); });
        ASSERT_EQ(got, 42);
    });
}

TEST_F(blocking, waits_for_a_task_of_a_group) {
    everywhere(scaled(200), [] {
        std::promise<int> promise;
        std::future<int> answer = promise.get_future();
        int got = 0;
        twill::task_group group;
        group.run([&] { promise.set_value(42); });
        group.run([&] { got = twill::blocking([&] { return answer.get(); }); });
        group.wait();
        ASSERT_EQ(got, 42);
    });
}

TEST_F(blocking, returns_what_the_section_returns) {
    int value = 1;
    alone.run([&value] {
        twill::blocking([] {});
        int& reference = twill::blocking([&value]() -> int& { return value; });
        reference = 2;
        const std::unique_ptr<int> moved = twill::blocking([] { return std::make_unique<int>(3); });
        EXPECT_EQ(*moved, 3);
    });
    EXPECT_EQ(value, 2);
}

TEST_F(blocking, lets_exceptions_through) {
    everywhere(scaled(100), [] {
        int caught = 0;
        twill::parallel_invoke(
            [&] {
                try {
                    twill::blocking([] { throw std::runtime_error("section"); });
                } catch (const std::runtime_error&) {
                    ++caught;
                }
                caught += twill::this_worker() >= 0 ? 1 : 0;
            },
            [] {});
        ASSERT_EQ(caught, 2);
        ASSERT_THROW(twill::parallel_invoke(
                         [] { twill::blocking([] { throw std::logic_error(""); }); }, [] {}),
                     std::logic_error);
    });
}

TEST_F(blocking, is_a_plain_call_outside) {
    const auto self = std::this_thread::get_id();
    EXPECT_EQ(twill::blocking([self] {
                  EXPECT_EQ(std::this_thread::get_id(), self);
                  EXPECT_EQ(twill::this_worker(), -1);
                  return 5;
              }),
              5);
    EXPECT_THROW(twill::blocking([] { throw 1; }), int);
}

TEST_F(blocking, is_outside_of_its_task) {
    everywhere(scaled(50), [] {
        const int count = twill::worker_count();
        twill::parallel_for(0, 10, [count](int) {
            const auto self = std::this_thread::get_id();
            ASSERT_GE(twill::this_worker(), 0);
            twill::blocking([&] {
                ASSERT_EQ(std::this_thread::get_id(), self);
                ASSERT_EQ(twill::this_worker(), -1);
                ASSERT_EQ(twill::worker_count(), count);
            });
            ASSERT_GE(twill::this_worker(), 0);
            ASSERT_LT(twill::this_worker(), count);
            ASSERT_EQ(std::this_thread::get_id(), self);
        });
    });
}

// Verbs in a section run in the runtime of the task, and sections in tasks of those verbs.
TEST_F(blocking, has_verbs_inside) {
    twill::runtime other{{.workers = twill::worker_count() + 2}};
    for (int round = 0; round < scaled(50); ++round) {
        other.run([&other] {
            const int count = other.worker_count();
            std::atomic<int> sections{0};
            twill::blocking([&] {
                EXPECT_EQ(fib(10), 55);
                twill::parallel_for(0, 8, [&](int) {
                    EXPECT_EQ(twill::worker_count(), count);
                    EXPECT_GE(twill::this_worker(), 0);
                    twill::blocking([&] {
                        EXPECT_EQ(twill::this_worker(), -1);
                        twill::task_group group;
                        group.run([&] { sections += twill::worker_count() == count ? 1 : 0; });
                        group.wait();
                    });
                });
                EXPECT_EQ(twill::this_worker(), -1);
            });
            EXPECT_GE(twill::this_worker(), 0);
            EXPECT_EQ(sections, 8);
        });
    }
}

TEST_F(blocking, nests) {
    everywhere(scaled(50), [] {
        std::promise<int> promise;
        std::future<int> answer = promise.get_future();
        int got = 0;
        twill::parallel_invoke(
            [&] {
                got = twill::blocking([&] {
                    return twill::blocking([&] {
                        int inner = 0;
                        twill::parallel_invoke(
                            [&] { inner = twill::blocking([&] { return answer.get(); }); }, [] {});
                        return inner;
                    });
                });
            },
            [&] { promise.set_value(7); });
        ASSERT_EQ(got, 7);
    });
}

/// Forks `depth` siblings, all of which it takes to end the section at the bottom.
// NOLINTNEXTLINE(misc-no-recursion)
void wait_for_siblings(int depth, int all, std::atomic<int>& ran, std::promise<void>& promise) {
    if (depth == 0) {
        std::future<void> future = promise.get_future();
        twill::blocking([&future] { future.wait(); });
        return;
    }
    twill::parallel_invoke([&] { wait_for_siblings(depth - 1, all, ran, promise); },
                           [&] {
                               if (++ran == all) {
                                   promise.set_value();
                               }
                           });
}

// More than a deque has room for: what is left comes into sight as the deque empties.
TEST_F(blocking, shows_all_private_forks) {
    everywhere(scaled(50), [] {
        for (const int depth : {1, 64, 256, 257, 400, 1000}) {
            std::atomic<int> ran{0};
            std::promise<void> promise;
            wait_for_siblings(depth, depth, ran, promise);
            ASSERT_EQ(ran, depth);
        }
    });
}

/// Both ends of a pipe.
class connection {
public:
    connection() { EXPECT_EQ(pipe(ends_), 0); }
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;
    ~connection() {
        close(ends_[0]);
        close(ends_[1]);
    }
    void write_one(int value) const { EXPECT_EQ(write(ends_[1], &value, sizeof value), 4); }
    [[nodiscard]] int read_one() const {
        int value = -1;
        EXPECT_EQ(read(ends_[0], &value, sizeof value), 4);
        return value;
    }

private:
    int ends_[2] = {-1, -1};
};

/// As many pipes as may be open, up to a thousand.
std::vector<connection> make_pipes() {
    rlimit files{};
    EXPECT_EQ(getrlimit(RLIMIT_NOFILE, &files), 0);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    const rlim_t room = files.rlim_cur > 200 ? (files.rlim_cur - 100) / 2 : 50;
    return std::vector<connection>(std::min<rlim_t>(room, scaled(1000)));
}

TEST_F(blocking, reads_from_a_pipe_in_each_element) {
    const std::vector<connection> all = make_pipes();
    const int pipes = static_cast<int>(all.size());
    everywhere(1, [&all, pipes] {
        std::atomic<long> sum{0};
        twill::parallel_for(0, pipes, [&](int i) {
            const connection& one = all[static_cast<std::size_t>(i)];
            twill::parallel_invoke(
                [&] { sum += twill::blocking([&one] { return one.read_one(); }); },
                [&] { one.write_one(i); });
        });
        ASSERT_EQ(sum, long{pipes} * (pipes - 1) / 2);
    });
}

// Nobody writes before all read: so many threads are away at the same time.
TEST_F(blocking, reads_from_a_thousand_pipes_at_the_same_time) {
    const std::vector<connection> all = make_pipes();
    const int pipes = static_cast<int>(all.size());
    everywhere(1, [&all, pipes] {
        std::atomic<int> readers{0};
        std::atomic<long> sum{0};
        twill::task_group group;
        const auto write_all = [&] {
            for (int i = 0; i < pipes; ++i) {
                all[static_cast<std::size_t>(i)].write_one(i);
            }
        };
        for (const connection& one : all) {
            group.run([&] {
                if (++readers == pipes) {
                    write_all();
                }
                sum += twill::blocking([&one] { return one.read_one(); });
            });
        }
        group.wait();
        ASSERT_EQ(sum, long{pipes} * (pipes - 1) / 2);
    });
}

/// Tasks that have begun and not come to their section yet have a worker each.
struct begun_tasks {
    std::atomic<int> running{0};
    std::atomic<int> most{0};
    std::atomic<int> ran{0};

    void operator()() {
        raise_to(most, ++running);
        keep(work(2000));
        --running;
        twill::blocking([] { std::this_thread::sleep_for(std::chrono::milliseconds(1)); });
        ++ran;
    }
};

TEST_F(blocking, lets_no_more_tasks_begin_than_there_are_workers) {
    const int tasks = scaled(500);
    for (const int workers : {1, 2, 3}) {
        begun_tasks begun;
        {
            twill::runtime some{{.workers = workers}};
            for (int k = 0; k < tasks; ++k) {
                static_cast<void>(some.submit(std::ref(begun)));
            }
        }
        EXPECT_EQ(begun.ran, tasks);
        EXPECT_LE(begun.most, workers);
    }
}

// But for the one who waits for them: it may hold what all others wait for.
TEST_F(blocking, lets_no_more_tasks_of_a_group_begin_than_there_are_workers) {
    const int tasks = scaled(500);
    for (const int workers : {1, 2, 3}) {
        begun_tasks begun;
        twill::runtime some{{.workers = workers}};
        some.run([&] {
            twill::task_group group;
            for (int k = 0; k < tasks; ++k) {
                group.run(std::ref(begun));
            }
            group.wait();
        });
        EXPECT_EQ(begun.ran, tasks);
        EXPECT_LE(begun.most, workers + 1);
    }
}

TEST_F(blocking, takes_ten_thousand_independent_sections) {
    std::atomic<int> ran{0};
    twill::parallel_for(0, scaled(10'000), [&ran](int) {
        twill::blocking([&ran] {
            std::this_thread::sleep_for(std::chrono::microseconds(100));
            ++ran;
        });
    });
    EXPECT_EQ(ran, scaled(10'000));
}

// Above TWILL_MAX_BLOCKED sections keep their workers, and one line says so.
TEST_F(blocking, queues_above_its_limit) {
    const child_result few = run_child({"blocking_sections", std::to_string(scaled(1000))},
                                       {"TWILL_WORKERS=2", "TWILL_MAX_BLOCKED=4"});
    EXPECT_EQ(few.exit_code, 0);
    EXPECT_EQ(few.err, "twill: 4 threads are in blocking sections (TWILL_MAX_BLOCKED): further "
                       "ones keep their workers\n");
    EXPECT_EQ(std::stoi(few.out), scaled(1000));
    EXPECT_LE(std::stoi(few.out.substr(few.out.find(' '))), 4 + 2);

    const child_result many = run_child({"blocking_sections", std::to_string(scaled(10'000))},
                                        {"TWILL_WORKERS=2", "TWILL_MAX_BLOCKED=64"});
    EXPECT_EQ(many.exit_code, 0);
    EXPECT_EQ(std::stoi(many.out), scaled(10'000));

    const child_result none =
        run_child({"blocking_sections", "100"}, {"TWILL_WORKERS=2", "TWILL_MAX_BLOCKED=200"});
    EXPECT_EQ(none.exit_code, 0);
    EXPECT_EQ(none.err, "");
}

} // namespace
