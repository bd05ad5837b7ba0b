// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <twill/parallel_invoke.hpp>

namespace fault {

/// The Fibonacci numbers by a fork for each call that is no leaf.
inline long fib(int n) {
    if (n < 2) {
        return n;
    }
    const auto [a, b] =
        twill::parallel_invoke([n] { return fib(n - 1); }, [n] { return fib(n - 2); });
    return a + b;
}

} // namespace fault
