// SPDX-License-Identifier: Apache-2.0
#include "harness/padding.hpp"

#include "harness/harness.hpp"

#include <memory>

namespace {

BENCH_RECURSIVE long fib_value(long n) {
    if (n < 2) {
        return n;
    }
    auto [a, b] =
        bench::runtime::invoke([n] { return fib_value(n - 1); }, [n] { return fib_value(n - 2); });
    return a + b;
}

BENCH_RECURSIVE long fib_reference(long n) {
    if (n < 2) {
        return n;
    }
    long a;
    long b;
    bench::runtime::invoke([&] { a = fib_reference(n - 1); }, [&] { b = fib_reference(n - 2); });
    return a + b;
}

long fib_loop(long n) {
    long a = 0;
    long b = 1;
    for (; n > 0; --n) {
        a = std::exchange(b, a + b);
    }
    return a;
}

template <class Function>
bench::operation prepare(Function fib, long n) {
    const auto result = std::make_shared<long>(-1);
    return {.run = [=] { *result = fib(n); },
            .check = [=] { return *result == fib_loop(n); },
            .reset = [=] { *result = -1; },
            .warm = [=] { *result = fib(20); }};
}

} // namespace

int main(int argc, char** argv) {
    return bench::run_kernel("fib", bench::parse_arguments(argc, argv),
                             {{"value", 39,
                               [](const bench::arguments& given) {
                                   return prepare([](long n) { return fib_value(n); }, given.size);
                               }},
                              {"reference", 39, [](const bench::arguments& given) {
                                   return prepare([](long n) { return fib_reference(n); },
                                                  given.size);
                               }}});
}
