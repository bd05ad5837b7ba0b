// SPDX-License-Identifier: Apache-2.0
// task_group: what run() takes, from where, and that each task runs once.
#include "support.hpp"

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace {

using namespace twill_test;

std::atomic<int> function_calls{0};
void count_call() { ++function_calls; }

TEST(task_group, runs_lvalues_and_rvalues) {
    std::atomic<int> sum{0};
    twill::task_group group;
    auto lvalue = [&sum] { sum += 1; };
    const auto constant = [&sum] { sum += 10; };
    group.run(lvalue);
    group.run(constant);
    group.run([&sum] { sum += 100; });
    group.run(std::move(lvalue));
    group.run([&sum, text = std::string(100, 'x')] { sum += static_cast<int>(text.size()); });
    group.run([&sum, calls = 0]() mutable { sum += 1000 * ++calls; });
    group.run([&sum] { return sum += 10'000; }); // what it returns is dropped
    const std::function<void()> erased = [&sum] { sum += 100'000; };
    group.run(erased);
    group.run(std::ref(erased));
    group.wait();
    EXPECT_EQ(sum, 211'212);
}

TEST(task_group, runs_functions) {
    function_calls = 0;
    twill::task_group group;
    void (*const pointer)() = &count_call;
    group.run(count_call);
    group.run(&count_call);
    group.run(pointer);
    group.wait();
    EXPECT_EQ(function_calls, 3);
}

struct unlike_calls {
    std::atomic<int>* sum;
    void operator()() { *sum += 1; }
    void operator()() const { *sum += 100; }
};

// What is called is the group's own copy, which is not constant.
TEST(task_group, calls_its_own_copy) {
    std::atomic<int> sum{0};
    twill::task_group group;
    const unlike_calls constant{&sum};
    group.run(constant);
    group.run(unlike_calls{&sum});
    group.wait();
    EXPECT_EQ(sum, 2);
}

TEST(task_group, runs_what_can_only_be_moved) {
    std::atomic<int> sum{0};
    twill::task_group group;
    for (int k = 1; k <= 100; ++k) {
        group.run([&sum, value = std::make_unique<int>(k)] { sum += *value; });
    }
    auto named = [&sum, value = std::make_unique<int>(1000)] { sum += *value; };
    group.run(std::move(named));
    group.wait();
    EXPECT_EQ(sum, 6050);
}

/// A closure of `Bytes` bytes beside the sum; each byte is checked.
template <std::size_t Bytes, class Extra>
struct filled {
    std::atomic<int>* sum;
    std::array<unsigned char, Bytes> bytes;
    [[no_unique_address]] Extra extra;

    void operator()() const {
        for (std::size_t k = 0; k < Bytes; ++k) {
            ASSERT_EQ(bytes[k], static_cast<unsigned char>(Bytes + k));
        }
        *sum += static_cast<int>(Bytes);
    }
};
struct plain {};
/// Makes its owner something that cannot be copied as bytes.
struct counts {
    counted one{0};
};

template <class Extra, std::size_t... Bytes>
void run_all_sizes(twill::task_group& group, std::atomic<int>& sum,
                   std::index_sequence<Bytes...> /*sizes*/) {
    const auto run = [&]<std::size_t Size>(std::integral_constant<std::size_t, Size>) {
        filled<Size, Extra> closure{&sum, {}, {}};
        for (std::size_t k = 0; k < Size; ++k) {
            closure.bytes[k] = static_cast<unsigned char>(Size + k);
        }
        group.run(closure);
    };
    (run(std::integral_constant<std::size_t, Bytes + 1>{}), ...);
}

TEST(task_group, runs_closures_of_all_sizes) {
    std::atomic<int> sum{0};
    {
        twill::task_group group;
        for (int round = 0; round < scaled(50); ++round) {
            sum = 0;
            run_all_sizes<plain>(group, sum, std::make_index_sequence<200>{});
            run_all_sizes<counts>(group, sum, std::make_index_sequence<64>{});
            group.wait();
            ASSERT_EQ(sum, 200 * 201 / 2 + 64 * 65 / 2);
            ASSERT_EQ(counted::live(), 0);
        }
    }
}

template <std::size_t Alignment>
struct alignas(Alignment) aligned {
    std::atomic<int>* right;
    void operator()() const {
        *right += reinterpret_cast<std::uintptr_t>(this) % Alignment == 0 ? 1 : 0;
    }
};

TEST(task_group, keeps_alignments) {
    std::atomic<int> right{0};
    twill::task_group group;
    for (int round = 0; round < 100; ++round) {
        group.run(aligned<8>{&right});
        group.run(aligned<16>{&right});
        group.run(aligned<32>{&right});
        group.run(aligned<64>{&right});
        group.run(aligned<256>{&right});
        group.run(aligned<4096>{&right});
        group.run([over = aligned<64>{&right}, counter = counted(1)] { over(); });
    }
    group.wait();
    EXPECT_EQ(right, 700);
    EXPECT_EQ(counted::live(), 0);
}

TEST(task_group, runs_each_task_once) {
    constexpr int tasks = 20'000;
    std::vector<std::atomic<int>> ran(tasks);
    EXPECT_TRUE(repeat_until_stolen(scaled(20), [&] {
        twill::task_group group;
        for (std::size_t k = 0; k < tasks; ++k) {
            group.run([&ran, k] { ++ran[k]; });
        }
        group.wait();
        for (auto& one : ran) {
            ASSERT_EQ(one.exchange(0), 1);
        }
    }));
}

// The producer is a task itself.
TEST(task_group, runs_tasks_of_a_task) {
    EXPECT_TRUE(repeat_until_stolen(scaled(100), [] {
        std::atomic<int> ran{0};
        twill::parallel_for(0, 4, [&ran](int) {
            twill::task_group group;
            for (int k = 0; k < 500; ++k) {
                group.run([&ran] {
                    keep(work(20));
                    ++ran;
                });
            }
            group.wait();
        });
        ASSERT_EQ(ran, 2000);
    }));
}

TEST(task_group, takes_tasks_from_many_outside_threads) {
    constexpr int threads = 12;
    for (int round = 0; round < scaled(20); ++round) {
        std::atomic<int> ran{0};
        twill::task_group group;
        on_threads(threads, [&](int) {
            for (int k = 0; k < 1000; ++k) {
                group.run([&ran] { ++ran; });
            }
        });
        group.wait();
        ASSERT_EQ(ran, threads * 1000);
    }
}

void grow(twill::task_group& group, std::atomic<int>& nodes, int depth) {
    ++nodes;
    for (int k = 0; k < 2 && depth > 0; ++k) {
        group.run([&group, &nodes, depth] { grow(group, nodes, depth - 1); });
    }
}

TEST(task_group, covers_a_tree_that_its_tasks_put_in) {
    EXPECT_TRUE(repeat_until_stolen(scaled(50), [] {
        std::atomic<int> nodes{0};
        twill::task_group group;
        grow(group, nodes, 12);
        group.wait();
        ASSERT_EQ(nodes, (2 << 12) - 1);
    }));
}

// The chain is as long as the number of tasks: whoever waits sees it end.
TEST(task_group, covers_a_chain_of_tasks) {
    struct link {
        twill::task_group* group;
        std::atomic<int>* ran;
        int left;
        void operator()() const {
            ++*ran;
            if (left > 1) {
                group->run(link{group, ran, left - 1});
            }
        }
    };
    for (int round = 0; round < scaled(50); ++round) {
        std::atomic<int> ran{0};
        twill::task_group group;
        group.run(link{&group, &ran, 1000});
        group.wait();
        ASSERT_EQ(ran, 1000);
    }
}

// NOLINTNEXTLINE(misc-no-recursion)
int fib_by_groups(int n) {
    if (n < 2) {
        return n;
    }
    int a = 0;
    int b = 0;
    twill::task_group group;
    group.run([&a, n] { a = fib_by_groups(n - 1); });
    group.run([&b, n] { b = fib_by_groups(n - 2); });
    group.wait();
    return a + b;
}

TEST(task_group, nests) {
    EXPECT_TRUE(repeat_until_stolen(scaled(20), [] { ASSERT_EQ(fib_by_groups(16), 987); }));
    EXPECT_TRUE(repeat_until_stolen(scaled(20), [] {
        std::atomic<int> right{0};
        twill::parallel_for(0, 10, [&right](int) { right += fib_by_groups(10) == 55 ? 1 : 0; });
        ASSERT_EQ(right, 10);
    }));
}

TEST(task_group, runs_verbs_in_its_tasks) {
    EXPECT_TRUE(repeat_until_stolen(scaled(50), [] {
        std::atomic<long> sum{0};
        twill::task_group group;
        for (int k = 0; k < 20; ++k) {
            group.run([&sum] {
                sum += fib(8);
                sum += twill::parallel_reduce(
                    0, 100, 0L, [](int i) { return long{i}; }, std::plus<>());
                const int worker = twill::this_worker();
                sum += worker >= 0 && worker < twill::worker_count() ? 0 : 1'000'000;
            });
        }
        group.wait();
        ASSERT_EQ(sum, 20 * (21 + 4950));
    }));
    EXPECT_EQ(twill::this_worker(), -1);
}

TEST(task_group, can_be_used_again) {
    std::atomic<int> ran{0};
    twill::task_group group;
    group.wait();
    for (int round = 1; round <= scaled(1000); ++round) {
        for (int k = 0; k < 10; ++k) {
            group.run([&ran] { ++ran; });
        }
        group.wait();
        ASSERT_EQ(ran, 10 * round);
        group.wait();
    }
}

TEST(task_group, waits_when_it_goes) {
    for (int round = 0; round < scaled(200); ++round) {
        std::atomic<int> ran{0};
        {
            twill::task_group group;
            for (int k = 0; k < 50; ++k) {
                group.run([&ran, one = counted(k)] { ++ran; });
            }
        }
        ASSERT_EQ(ran, 50);
        ASSERT_EQ(counted::live(), 0);
        const twill::task_group never_used;
    }
}

// The closure is gone right after its call: the next task of a lone worker sees that.
TEST(task_group, destroys_closures_after_their_call) {
    std::atomic<int> most{0};
    twill::runtime alone{{.workers = 1}};
    alone.run([&most] {
        std::atomic<int> begun{0};
        twill::task_group group;
        for (int k = 0; k < 100; ++k) {
            group.run([&, one = counted(k)] {
                raise_to(most, static_cast<int>(counted::live()) - (100 - begun++));
            });
        }
        group.wait();
    });
    EXPECT_EQ(most, 0);
    EXPECT_EQ(counted::live(), 0);
}

/// Where a copy is made it throws.
struct throws_when_copied {
    std::atomic<int>* ran;
    explicit throws_when_copied(std::atomic<int>* count) : ran(count) {}
    throws_when_copied(const throws_when_copied& other) : ran(other.ran) {
        throw std::runtime_error("copy");
    }
    throws_when_copied& operator=(const throws_when_copied&) = delete;
    ~throws_when_copied() = default;
    void operator()() const { ++*ran; }
};

TEST(task_group, is_as_before_where_a_copy_throws) {
    std::atomic<int> ran{0};
    twill::task_group group;
    group.run([&ran] { ++ran; });
    const throws_when_copied closure(&ran);
    EXPECT_THROW(group.run(closure), std::runtime_error);
    group.run([&ran] { ++ran; });
    group.wait();
    EXPECT_EQ(ran, 2);
}

} // namespace
