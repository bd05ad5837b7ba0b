// SPDX-License-Identifier: Apache-2.0
// Every name of an adapter does what README.md says of it; built once for each adapter and form.
#include "adapters/adapter.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace runtime = bench::runtime;

int failures = 0;

void expect(bool right, const std::string& what) {
    if (!right) {
        std::printf("%s: wrong: %s\n", runtime::name, what.c_str());
        ++failures;
    }
}

constexpr long lengths[] = {0, 1, 2, 7, 100, 12345};

bool once_each(const std::vector<std::atomic<int>>& visits) {
    for (const std::atomic<int>& visit : visits) {
        if (visit != 1) {
            return false;
        }
    }
    return true;
}

void test_loops(long length) {
    const std::string of = " of " + std::to_string(length);
    const auto size = static_cast<std::size_t>(length);
    {
        std::vector<std::atomic<int>> visits(size);
        runtime::enter(
            [&] { runtime::for_each(std::size_t{0}, size, [&](std::size_t i) { ++visits[i]; }); });
        expect(once_each(visits), "for_each over numbers" + of);
    }
    {
        std::vector<std::atomic<int>> visits(size);
        runtime::enter([&] {
            runtime::for_each(visits.begin(), visits.end(),
                              [](std::atomic<int>& visit) { ++visit; });
        });
        expect(once_each(visits), "for_each over elements" + of);
    }
    {
        std::vector<std::atomic<int>> visits(size);
        std::atomic<int> empty = 0;
        runtime::enter([&] {
            runtime::for_blocks(std::size_t{0}, size, [&](std::size_t begin, std::size_t end) {
                empty += begin == end ? 1 : 0;
                for (std::size_t i = begin; i < end; ++i) {
                    ++visits[i];
                }
            });
        });
        expect(once_each(visits) && empty == 0, "for_blocks" + of);
    }
    long sum = -1;
    runtime::enter([&] {
        sum = runtime::reduce(0L, length, 0L, [](long i) { return i * i; }, std::plus<>{});
    });
    expect(sum == (length - 1) * length * (2 * length - 1) / 6, "reduce" + of);
}

#if !defined(BENCH_FLAT)

long fib(long n) {
    if (n < 2) {
        return n;
    }
    auto [a, b] = runtime::invoke([n] { return fib(n - 1); }, [n] { return fib(n - 2); });
    return a + b;
}

void test_forks() {
    long number = 0;
    std::tuple<int, double> values;
    bool left = false;
    bool right = false;
    runtime::enter([&] {
        number = fib(15);
        values = runtime::invoke([] { return 7; }, [] { return 2.5; });
        runtime::invoke([&] { left = true; }, [&] { right = true; });
    });
    expect(number == 610, "forks within forks");
    expect(values == std::tuple(7, 2.5), "invoke with two types");
    expect(left && right, "invoke with no values");
}

void test_groups() {
    std::vector<std::atomic<int>> visits(1000);
    bool inner_done = false;
    runtime::enter([&] {
        runtime::group group;
        for (std::size_t i = 0; i < visits.size(); i += 10) {
            group.run([&visits, i] {
                runtime::group inner;
                for (std::size_t k = 0; k < 10; ++k) {
                    inner.run([slot = &visits[i + k]] { ++*slot; });
                }
                inner.wait();
            });
        }
        group.wait();
        inner_done = once_each(visits);
    });
    expect(inner_done, "a group of groups, when wait() returns");
}

/// Loops within a loop, as FLAT kernels have none.
void test_nested() {
    long sum = 0;
    runtime::enter([&] {
        sum = runtime::reduce(
            0L, 50L, 0L,
            [](long i) {
                return runtime::reduce(0L, i, 0L, [](long k) { return k; }, std::plus<>{});
            },
            std::plus<>{});
    });
    expect(sum == 19600, "a reduce within a reduce");
}

#endif

#if defined(BENCH_RUNTIME_GOMP) || defined(BENCH_RUNTIME_OMP)

/// Two that wait for one another end only where two threads run them.
void test_two_at_once() {
    std::atomic<int> begun = 0;
    const auto meet = [&begun] {
        ++begun;
        while (begun < 2) {
            std::this_thread::yield();
        }
    };
    runtime::enter([&] {
#if defined(BENCH_FLAT)
        // With any schedule the first two blocks go to two threads.
        runtime::for_blocks(0, 128, [&](int, int) { meet(); });
#else
        runtime::invoke(meet, meet);
#endif
    });
    expect(begun >= 2, "two at once");
}

#endif

} // namespace

int main(int argc, char** argv) {
    const int workers = argc > 1 ? std::atoi(argv[1]) : 1;
    const runtime::session session(workers);
    expect(runtime::workers(workers) == workers, "the number of workers");
    for (const long length : lengths) {
        test_loops(length);
    }
#if !defined(BENCH_FLAT)
    test_forks();
    test_groups();
    test_nested();
#endif
#if defined(BENCH_RUNTIME_GOMP) || defined(BENCH_RUNTIME_OMP)
    if (workers > 1) {
        test_two_at_once();
    }
#endif
    const runtime::counters before = runtime::read_counters();
    runtime::print_counters(before, runtime::read_counters());
    std::printf("\n");
    return failures == 0 ? 0 : 1;
}
