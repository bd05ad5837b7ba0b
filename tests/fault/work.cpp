// SPDX-License-Identifier: Apache-2.0
// Verbs, groups, and values that threads and tasks keep.
#include "scenario.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <stdexcept>
#include <twill/twill.hpp>

namespace fault {

namespace {

constexpr int elements = 20'000;

/// Puts `count` tasks into a group, some too large to lie in it, and waits: each has run, but those
/// that were refused.
void put_and_wait(twill::task_group& group, int count) {
    std::atomic<int> ran{0};
    int refused = 0;
    for (int k = 0; k < count; ++k) {
        const bool done = has_memory([&] {
            if (k % 16 == 0) {
                group.run([&ran, large = std::array<char, 64>{}] { ran += 1 + large[0]; });
            } else {
                group.run([&ran] { ++ran; });
            }
        });
        refused += done ? 0 : 1;
    }
    group.wait();
    expect(ran + refused == count, "each task of a group has run or was refused");
}

/// Each task puts in two more, down to `depth`.
void grow(twill::task_group& group, std::atomic<int>& ran, std::atomic<int>& refused, int depth) {
    ++ran;
    for (int k = 0; depth > 0 && k < 2; ++k) {
        if (!has_memory([&] {
                group.run(
                    [&group, &ran, &refused, depth] { grow(group, ran, refused, depth - 1); });
            })) {
            refused += (2 << (depth - 1)) - 1;
        }
    }
}

} // namespace

void verbs() {
    const auto seen = std::make_unique<std::atomic<char>[]>(elements);
    for (int round = 0; round < 3; ++round) {
        expect(fib(18) == 2584, "forks");
        twill::parallel_for(0, elements, [&](int k) { ++seen[static_cast<std::size_t>(k)]; });
        const long sum =
            twill::parallel_reduce(0, elements, 0L, [](int k) { return long{k}; }, std::plus<>());
        expect(sum == long{elements} * (elements - 1) / 2, "a reduction");
    }
    expect(std::all_of(seen.get(), seen.get() + elements, [](const auto& one) { return one == 3; }),
           "each element of a loop once");
    bool thrown = false;
    try {
        twill::parallel_for(0, elements, [](int k) {
            if (k == elements / 2) {
                throw std::runtime_error("element");
            }
        });
    } catch (const std::runtime_error&) {
        thrown = true;
    }
    expect(thrown, "the exception of a loop");
}

void groups() {
    {
        twill::task_group outside;
        put_and_wait(outside, elements);
        put_and_wait(outside, 100);
    }
    twill::parallel_for(0, 3, [](int) {
        twill::task_group inside;
        put_and_wait(inside, elements / 4);
    });
    {
        twill::task_group limited{twill::limit(32)};
        put_and_wait(limited, 1000);
        twill::parallel_invoke([&limited] { put_and_wait(limited, 1000); }, [] {});
    }
    std::atomic<int> ran{0};
    std::atomic<int> refused{0};
    twill::task_group tree;
    grow(tree, ran, refused, 9);
    tree.wait();
    expect(ran + refused == 1023, "tasks that put in tasks");

    ran = 0;
    refused = 0;
    {
        crowd others(4);
        for (int k = 0; k < 4; ++k) {
            others.add([&] {
                for (int task = 0; task < 1000; ++task) {
                    if (!has_memory([&] { tree.run([&ran] { ++ran; }); })) {
                        ++refused;
                    }
                }
            });
        }
        tree.wait();
        refused += 1000 * (4 - static_cast<int>(others.size()));
    }
    tree.wait();
    expect(ran + refused == 4000, "tasks of several threads outside");

    bool thrown = false;
    const bool put = has_memory([&] { tree.run([] { throw std::runtime_error("task"); }); });
    try {
        tree.wait();
    } catch (const std::runtime_error&) {
        thrown = true;
    }
    expect(thrown == put, "the exception of a task");
}

void values() {
    twill::per_thread<long> own;
    twill::sum_reducer<long> sum;
    twill::append_reducer<std::vector<int>> list;
    twill::parallel_for(0, 3000, [&](int k) {
        own.local() += k;
        *sum += k;
        list->push_back(k);
    });
    const long expected = 3000L * 2999 / 2;
    expect(own.combine([](long a, long b) { return a + b; }) == expected, "a value a thread");
    expect(*sum == expected, "a sum");
    expect(list->size() == 3000 && std::is_sorted(list->begin(), list->end()), "the serial order");
}

} // namespace fault
