// SPDX-License-Identifier: Apache-2.0
#include "harness/padding.hpp"

#include "harness/harness.hpp"

#if defined(BENCH_RUNTIME_TWILL)
#include <twill/experimental/context.hpp>
#endif

#include <memory>
#include <utility>
#include <vector>

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

#if defined(BENCH_RUNTIME_TWILL)
using twill::experimental::context;

BENCH_RECURSIVE long fib_context(context here, long n) {
    if (n < 2) {
        return n;
    }
    auto [a, b] = twill::experimental::parallel_invoke(
        here, [n](context first) { return fib_context(first, n - 1); },
        [n](context second) { return fib_context(second, n - 2); });
    return a + b;
}

long fib_context(long n) {
    return twill::experimental::run([n](context here) { return fib_context(here, n); });
}
#endif

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

template <class Function>
bench::variant form(const char* name, Function fib) {
    return {name, 39, [fib](const bench::arguments& given) { return prepare(fib, given.size); }};
}

} // namespace

int main(int argc, char** argv) {
    std::vector<bench::variant> forms{form("value", [](long n) { return fib_value(n); }),
                                      form("reference", [](long n) { return fib_reference(n); })};
#if defined(BENCH_RUNTIME_TWILL)
    forms.push_back(form("context", [](long n) { return fib_context(n); }));
#endif
    return bench::run_kernel("fib", bench::parse_arguments(argc, argv), forms);
}
